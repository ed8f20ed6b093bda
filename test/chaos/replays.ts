import { encodeOp } from '../../lib/domain/batch.ts';
import { createWake } from '../../lib/lambda/wake.ts';
import type { Log } from '../../lib/log.ts';
import { createPark } from '../../lib/parking/park.ts';
import { createBehindWriter } from '../../lib/store/behind.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { createParkedWriter } from '../../lib/store/parked.ts';
import { encodeV2 } from '../../local/commands/push-record.ts';
import { type KafkaEvent, toKafkaEvent } from '../../local/event-source/batch.ts';
import type { Random } from '../random.ts';
import type { Expected } from './expected.ts';
import type { Ledger } from './ledger.ts';
import { createSandbox, runIn } from './sandbox.ts';
import { OPERATION } from './seating.ts';

export interface ReplaysOptions {
  readonly topic: string;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly tables: { readonly behind: string; readonly parked: string };
  readonly redeliverFunction: string;
  readonly dispatch: (event: KafkaEvent) => Promise<unknown>;
}

export interface Queue {
  readonly comet: string;
  readonly partition: number;
}

/** Old places in the log with bodies of their own, so that each can be told from what stood there. */
export interface Replays {
  /** As `dead-letters replay` does with ops; on this comet and partition, if given. False: there is nothing to replay yet. */
  park(where?: Queue): Promise<boolean>;
  /** As it does with records: a second dispatch, on a partition that is in use. */
  dispatch(): Promise<boolean>;
}

const SILENT: Log = { info() {}, warn() {}, error() {}, metric() {}, flush() {} };
const ATTEMPTS = 20;
const PICKS = 400;
const RECENT = 5_000;

export const createReplays = (options: ReplaysOptions): Replays => {
  const { topic, ledger, random, tables, redeliverFunction, dispatch } = options;
  const sandbox = createSandbox('replay', 1);
  const openPark = () => {
    const db = openDynamoDb();
    return createPark({
      parked: createParkedWriter(db, tables.parked),
      behind: createBehindWriter(db, tables.behind),
      wake: createWake(redeliverFunction),
      now: Date.now,
      log: SILENT,
    });
  };
  let park: ReturnType<typeof openPark> | undefined;

  const isOld = (record: Expected | undefined): record is Expected =>
    record?.nature === 'plain' && record.target.type === 'push' && record.committedAt !== undefined;

  const fits = ({ target, partition }: Expected, where: Queue | undefined): boolean =>
    where === undefined ||
    (target.type === 'push' && target.comet === where.comet && partition === where.partition);

  const pick = (where?: Queue): Expected | undefined => {
    const { records } = ledger;
    for (let tries = 0; tries < PICKS; tries++) {
      const record = records[random.int(Math.max(0, records.length - RECENT), records.length - 1)];
      if (isOld(record) && fits(record, where)) return record;
    }
    return undefined;
  };

  const copyOf = (old: Expected): Expected => {
    const copy: Expected = {
      ...old,
      n: ledger.next(),
      nature: 'replay',
      producedAt: performance.now(),
      committedAt: undefined,
    };
    ledger.add(copy);
    return copy;
  };

  const untilDone = async (work: () => Promise<unknown>): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return void (await work());
      } catch (error) {
        if (attempt >= ATTEMPTS) throw error;
      }
    }
  };

  return {
    park: async (where) => {
      const old = pick(where);
      if (old === undefined || old.target.type !== 'push') return false;
      const copy = copyOf(old);
      const { comet, keys } = old.target;
      const op = {
        id: `${topic}/${old.partition}/${old.offset}`,
        type: 'push' as const,
        keys,
        operation: OPERATION,
        body: Buffer.from(`${copy.n} replayed`).toString('base64'),
        timestamp: Date.now(),
      };
      await untilDone(() =>
        runIn(sandbox, () => {
          park ??= openPark();
          return park(comet, [encodeOp(op)], { inFleet: true, replayed: true });
        }),
      );
      copy.committedAt = performance.now();
      return true;
    },
    dispatch: async () => {
      const old = pick();
      if (old === undefined || old.target.type !== 'push') return false;
      const copy = copyOf(old);
      const body = Buffer.from(`${copy.n} dispatched again`);
      const { comet, keys } = old.target;
      const target = { type: 'push' as const, comet, keys: keys as [string, ...string[]] };
      const record = {
        ...encodeV2({ target, operation: OPERATION, body }),
        topic,
        partition: old.partition,
        offset: old.offset,
        timestamp: Date.now(),
        timestampType: 'CREATE_TIME' as const,
        headers: [],
      };
      const event = toKafkaEvent([record], {
        eventSourceArn: 'arn:aws:kafka:::replay',
        bootstrapServers: '',
      });
      await untilDone(() => dispatch({ ...event, replayed: true } as KafkaEvent));
      copy.committedAt = performance.now();
      return true;
    },
  };
};
