import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { postTo } from '../../local/commands/http.ts';
import { produceTo } from '../../local/commands/produce.ts';
import { encodeV2 } from '../../local/commands/push-record.ts';
import { connectGoimClient } from '../../local/goim-client/client.ts';
import { freeBase, freePortBase, type LocalProcess, startNode, startSet } from './local-process.ts';

const READY_MS = 90_000;
const TEST_MS = 120_000;
const TOPIC = 'goim-push-topic';

/** Nobody listens there. */
const closed = await freeBase((port) => [port]);
let base: number;
let local: LocalProcess | undefined;

const start = (variables: NodeJS.ProcessEnv, ...args: string[]): LocalProcess => {
  local = startSet(variables, '--port-base', `${base}`, ...args);
  return local;
};

beforeEach(async () => {
  local = undefined;
  base = await freePortBase();
});
afterEach(async () => {
  local?.kill('SIGKILL');
  await local?.ended;
});

describe('a set that cannot work ends before it is ready, with one line and exit code 1', () => {
  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['comets that are no JSON', { COMETS: 'notjson' }, /^Error: COMETS is not JSON\n$/],
    ['an empty fleet', { COMETS: '{}' }, /^Error: COMETS names no comet\n$/],
    ['no addresses of discovery', { REGISTRY: 'discovery' }, /^Error: DISCOVERY_URLS .*DISCOVERY_ENV .*\n$/],
    [
      'a secret that is not there',
      { COMET_TLS_SECRET: '/nowhere' },
      /^Error: COMET_TLS_SECRET names no file that can be read: ENOENT\n$/,
    ],
    ['an unknown way to deliver', { DELIVERY: 'foo' }, /^Error: DELIVERY is not one of invoke, inline\n$/],
    [
      'a variable of Kafka',
      { KAFKA_BROKERS: 'nowhere' },
      /^Error: .*KAFKA_BROKERS is not a list of host:port.*\n$/,
    ],
    [
      'a Kafka that is not there',
      { KAFKA_BROKERS: `127.0.0.1:${closed}` },
      /^(kafka: .*\n)*Error: Kafka cannot be read: .*\n$/,
    ],
  ])(
    'for %s',
    async (_name, variables, line) => {
      const { ended, errors, output } = start(variables);
      expect(await ended, output()).toBe(1);
      expect(errors()).toMatch(line);
      expect(output()).not.toMatch(/^ready/m);
    },
    TEST_MS,
  );
});

describe("a gateway of one's own", () => {
  let comet: ReferenceComet;
  beforeEach(async () => {
    comet = await startReferenceComet({
      id: 'py-1',
      host: '127.0.0.1',
      clientPort: 0,
      apiPort: 0,
      log: () => {},
    });
  });
  afterEach(() => comet.close());

  it(
    "is named when the set is ready, gets what is pushed, and is not the set's to stop",
    async () => {
      const comets = JSON.stringify({ 'py-1': [comet.apiUrl], gone: [`http://127.0.0.1:${base}/nobody`] });
      const { waitFor, output } = start({ COMETS: comets }, '--quiet');
      await waitFor(/^next, in a second terminal: npm run push/m, READY_MS);
      expect(output()).toMatch(new RegExp(`^  py-1 +${comet.apiUrl}$`, 'm'));
      expect(output()).toMatch(/^ {2}gone +http\S+ {2}does not answer/m);
      const client = await connectGoimClient({
        url: comet.clientUrl,
        key: 'k1',
        roomId: '',
        accepts: [1000],
      });
      const target = { type: 'push', comet: 'py-1', keys: ['k1'] } as const;
      const record = encodeV2({ target, operation: 1000, body: Buffer.from('hello') });
      await produceTo(`http://127.0.0.1:${base}`, TOPIC, [record]);
      await client.waitForMessages(1, READY_MS);
      await client.close();
      const stopped = await postTo(`http://127.0.0.1:${base}/comets/comet-1/stop`, 'application/json', '');
      expect(stopped).toMatchObject({
        status: 404,
        body: {
          message: 'the comets are not of this set (REGISTRY or COMETS is set): stop comet-1 where it runs',
        },
      });
      expect(output()).not.toMatch(/^dispatch:/m);
    },
    TEST_MS,
  );
});

describe('a signal to the process alone ends it cleanly', () => {
  it.each([
    ['SIGTERM', 'as it begins', /^starts on/m],
    ['SIGINT', 'as it begins', /^starts on/m],
    ['SIGTERM', 'while it is shown', /^one push of each kind/m],
    ['SIGINT', 'when it is ready', /^ready$/m],
  ] as const)(
    '%s %s',
    async (signal, _when, line) => {
      const { waitFor, kill, ended, errors } = start({});
      await waitFor(line, READY_MS);
      kill(signal);
      expect(await ended).toBe(0);
      // A function that was at work may have told of a comet that went away under it, in JSON.
      expect(errors()).toMatch(/^(\{.*\n)*$/);
    },
    TEST_MS,
  );
});

it('options that npm took for its own are named, with what to do', async () => {
  const variables = { npm_config_port_base: 'true' };
  local = startNode(variables, 'local/start.ts', '4100');
  expect(await local.ended).toBe(2);
  expect(local.output()).toMatch(/^Error: npm took --port-base for its own: put -- before the options .*\n$/);
});
