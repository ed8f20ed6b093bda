import { DEFAULT_PORT_BASE } from '../ports.ts';
import { readArguments, UsageError } from './arguments.ts';
import { readPorts } from './ports-argument.ts';
import { encodeV1, encodeV2, type PushRecord, type PushTarget } from './push-record.ts';

export const PUSH_USAGE = `Pushes one message through the local topic, or that of KAFKA_BROKERS if it is set, as goim's logic would.

  npm run push -- --room live://1000 --op 1000 '{"test":1}'
  npm run push -- --comet comet-1 --keys k1,k2
  npm run push -- --all --speed 500
  npm run push -- --format v1 --room 1000

Where to, one of:
  --room <type://id>          everyone in the room
  --comet <id> --keys <a,b>   these connections of one comet
  --all [--speed <n>]         everyone, at n connections a second; 0, the default, is unlimited

  --op <n>         operation: keys and --all reach only who accepts it (1000)
  --format <v>     v2, protobuf, or v1, JSON with numbers for comets and rooms and operation 5 (v2)
  --topic <name>   (KAFKA_TOPIC with KAFKA_BROKERS, else goim-push-topic)
  --port-base <n>  as given to npm start (${DEFAULT_PORT_BASE})
  --help

The last argument is the body. Without it, it is {"test":1,"sentAt":…} with the time, of which npm run listen knows the delay.`;

export interface PushArguments {
  readonly topicPort: number;
  /** If it is named. */
  readonly topic?: string | undefined;
  readonly record: PushRecord;
}

const OPTIONS = {
  room: { type: 'string' },
  comet: { type: 'string' },
  keys: { type: 'string' },
  all: { type: 'boolean' },
  speed: { type: 'string' },
  op: { type: 'string' },
  format: { type: 'string', default: 'v2' },
  topic: { type: 'string' },
  'port-base': { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];

const parse = (args: readonly string[]) => readArguments(args, OPTIONS, true);

const INT32 = 2 ** 31;

const int32 = (name: string, text: string): number => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < -INT32 || number >= INT32) {
    throw new UsageError(`${name} is not a whole number of 32 bits: ${text}`);
  }
  return number;
};

const keysOf = (text: string | undefined): readonly [string, ...string[]] => {
  const [first, ...rest] = (text ?? '').split(',');
  if (first === undefined || [first, ...rest].includes('')) throw new UsageError('--comet needs --keys a,b');
  return [first, ...rest];
};

const speedOf = ({ speed = '0' }: Values): number => {
  const number = int32('--speed', speed);
  if (number < 0) throw new UsageError('--speed is negative');
  return number;
};

const targetOf = (values: Values): PushTarget => {
  const { room, comet, keys, all, speed } = values;
  const targets = [room !== undefined, comet !== undefined || keys !== undefined, all === true];
  if (targets.filter(Boolean).length !== 1) {
    throw new UsageError('name one target: --room, --comet with --keys, or --all');
  }
  if (speed !== undefined && all !== true) throw new UsageError('--speed goes with --all only');
  if (all === true) return { type: 'all', speed: speedOf(values) };
  if (room !== undefined) return { type: 'room', room: nonEmpty('--room', room) };
  return { type: 'push', comet: nonEmpty('--comet', comet), keys: keysOf(keys) };
};

const nonEmpty = (name: string, text = ''): string => {
  if (text === '') throw new UsageError(`${name} is missing or empty`);
  return text;
};

const v1Record = (target: PushTarget, { op, speed }: Values, body: Buffer): PushRecord => {
  if (op !== undefined) throw new UsageError("--op: goim v1's messages have operation 5 always");
  if (speed !== undefined) throw new UsageError("--speed: goim v1's messages have none");
  if (target.type === 'room') int32('--room of goim v1', target.room);
  if (target.type === 'push') int32('--comet of goim v1', target.comet);
  return encodeV1({ target, body });
};

const recordOf = (values: Values, body: Buffer): PushRecord => {
  const target = targetOf(values);
  switch (values.format) {
    case 'v1':
      return v1Record(target, values, body);
    case 'v2':
      return encodeV2({ target, operation: int32('--op', values.op ?? '1000'), body });
    default:
      throw new UsageError(`--format is v1 or v2, not ${values.format}`);
  }
};

/** Throws a `UsageError`. */
export const readPushArguments = (args: readonly string[]): PushArguments => {
  const { values, positionals } = parse(args);
  const [body = JSON.stringify({ test: 1, sentAt: Date.now() }), ...more] = positionals;
  if (more.length > 0) throw new UsageError(`one body only: what is ${more[0]}?`);
  return {
    topicPort: readPorts(values['port-base']).topic,
    topic: values.topic,
    record: recordOf(values, Buffer.from(body)),
  };
};
