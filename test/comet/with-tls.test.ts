import { expect, test } from 'vitest';
import type { CometClient } from '../../lib/comet/client.ts';
import { cometFailure } from '../../lib/comet/error.ts';
import type { CometTls } from '../../lib/comet/tls.ts';
import { tlsProblem } from '../../lib/comet/tls-problem.ts';
import { withTls } from '../../lib/comet/with-tls.ts';
import { DELIVERED, type Outcome, undelivered } from '../../lib/domain/outcome.ts';
import { roomOp } from './contract.ts';

const never = new AbortController().signal;
const REFUSED = undelivered('COMET_TLS');

/** A comet that takes what is called with `wanted`. */
const rig = () => {
  const state = {
    stored: { ca: 'one' } as CometTls,
    wanted: 'one',
    /** What each client is told to wait for. */
    gate: Promise.resolve(),
    closed: [] as unknown[],
    /** To the next delivery, whatever it is called with. */
    answer: undefined as Outcome[] | undefined,
  };
  const secret = { value: async () => state.stored, valueAfter: async () => state.stored };
  const open = (tls?: CometTls): CometClient => ({
    deliver: async (ops) => {
      await state.gate;
      const { answer } = state;
      state.answer = undefined;
      if (answer !== undefined) return answer;
      if (tls?.ca !== state.wanted) return ops.map(() => REFUSED);
      return ops.map(() => DELIVERED);
    },
    rooms: async () => {
      if (tls?.ca !== state.wanted) throw cometFailure('COMET_TLS', 'refused');
      return new Set();
    },
    roomsChange: async () => {
      await state.gate;
      return tls?.ca === state.wanted ? 'changed' : 'unchanged';
    },
    close: () => state.closed.push(tls?.ca),
  });
  return { state, client: withTls(secret, open), secret };
};

test('what was refused goes out once more with what stands in the secret by then', async () => {
  const { state, client, secret } = rig();
  secret.valueAfter = async () => {
    state.stored = { ca: 'two' };
    return state.stored;
  };
  state.wanted = 'two';
  expect(await client.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
  state.wanted = 'three';
  secret.valueAfter = async () => ({ ca: 'three' });
  expect((await client.rooms(never)).size).toBe(0);
});

test('whether rooms have changed is asked with what stands in the secret', async () => {
  const { state, client } = rig();
  expect(await client.roomsChange?.(never)).toBe('changed');
  state.stored = { ca: 'two' };
  expect(await client.roomsChange?.(never)).toBe('unchanged');
});

test('what went out in part is not sent once more', async () => {
  const { state, client, secret } = rig();
  secret.valueAfter = async () => ({ ca: 'two' });
  [state.answer, state.wanted] = [[DELIVERED, REFUSED], 'two'];
  expect(await client.deliver([roomOp(1), roomOp(2)], never)).toEqual([DELIVERED, REFUSED]);
});

test('a client with the old certificates is closed when its last call has ended, and not before', async () => {
  const { state, client } = rig();
  const gate = Promise.withResolvers<void>();
  state.gate = gate.promise;
  const delivering = client.deliver([roomOp(1)], never);
  await client.rooms(never);
  [state.stored, state.wanted] = [{ ca: 'two' }, 'two'];
  await client.rooms(never);
  expect(state.closed).toEqual([]);
  state.wanted = 'one';
  gate.resolve();
  expect(await delivering).toEqual([DELIVERED]);
  expect(state.closed).toEqual(['one']);
  client.close();
  expect(state.closed).toEqual(['one', 'two']);
});

test.each([
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'it refuses the client certificate'],
  ['ERR_SSL_SSL_TLS_ALERT_CERTIFICATE_EXPIRED', 'it refuses the client certificate'],
  ['ERR_SSL_SSL_TLS_ALERT_BAD_CERTIFICATE', 'it refuses the client certificate'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'the handshake failed'],
  ['ECONNRESET', undefined],
])('%s is told as what it means', (code, problem) => {
  expect(tlsProblem(code)).toBe(problem);
});
