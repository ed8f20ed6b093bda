import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RegistryAnswer } from '../../lib/domain/comet-entry.ts';
import { MAX_ID_BYTES } from '../../lib/domain/limits.ts';
import { ServiceError } from '../../lib/errors.ts';
import { readReply } from '../../lib/registry/discovery/reply.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { type Named, parseWithTimes, readInstances } from './discovery-reader.ts';
import { anyJson, oddJson } from './json-inputs.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

/** Nanoseconds, as a JSON number holds them and a `number` does not. */
const NANOSECONDS = 1_766_400_000_000_000_000n;
const PLACEHOLDER = 7_000_000_000_000;
const hostname = fc.constantFrom(
  'comet-1',
  'comet-1',
  'comet-2',
  'comet-3',
  '',
  '#fleet',
  '__proto__',
  '\ud800',
  'k'.repeat(1_025),
);
const address = fc.constantFrom(
  'grpc://10.0.0.5:3109',
  'grpcs://10.0.0.6:3110',
  'http://10.0.0.5:80',
  'grpc://',
  'GRPC://h:1',
  'grpc://a:1,grpc://b:2',
  ' grpc://c:1 ',
  'x',
);
const instance = fc.record(
  {
    hostname,
    addrs: fc.array(address, { maxLength: 3 }),
    status: fc.constantFrom(1, 1, 1, 1, 0, 2, 3),
    zone: fc.constantFrom('sh001', 'sh002', ''),
    reg_timestamp: fc.nat(9).map((last) => PLACEHOLDER + last),
    metadata: fc.constant({ weight: '10' }),
  },
  { requiredKeys: ['hostname', 'addrs', 'status'] },
);
const zone = fc.constantFrom('sh001', 'sh002', '', '0', 'toString', 'reg_timestamp');
const reply = fc.record(
  {
    code: fc.oneof(
      { weight: 20, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(-404, -500, -304) },
    ),
    message: fc.constant('0'),
    data: fc.record({
      instances: fc.dictionary(zone, fc.array(instance, { maxLength: 4 }), { maxKeys: 3 }),
      latest_timestamp: fc.nat(),
    }),
  },
  { requiredKeys: ['code', 'data'] },
);
/** Two registrations may lie one nanosecond apart. */
const toNanoseconds = (text: string): string =>
  text.replaceAll(/7000000000(\d{3})/g, (_all, digits: string) => String(NANOSECONDS + BigInt(digits)));
const text = oddJson(reply).map(toNanoseconds);
const inputs = fc.oneof(
  { weight: 8, arbitrary: text.map((json) => Buffer.from(json)) },
  { weight: 3, arbitrary: broken(text.map((json) => Buffer.from(json))) },
  { weight: 1, arbitrary: anyJson.map((json) => Buffer.from(json)) },
  { weight: 1, arbitrary: randomBytes },
);

const isUrl = (grpc: string): boolean => {
  const url = URL.parse(grpc);
  return url !== null && url.hostname !== '';
};
const isId = (id: string): boolean =>
  id !== '' && !id.startsWith('#') && Buffer.byteLength(id) <= MAX_ID_BYTES && id.isWellFormed();

/** The exact times cost a walk through all of the answer, for which the stack may not do. */
const isDeep = (input: Buffer): boolean =>
  ['['.repeat(400), '{"a":'.repeat(400)].some((deep) => input.includes(deep));

/** Of instances with one hostname one of the latest speaks for the comet. */
const checkAnswer = ({ comets, refused }: RegistryAnswer, named: readonly Named[]): void => {
  const ids = new Set(named.map(({ id }) => id).filter(isId));
  const latest = (id: string): Named[] => {
    const all = named.filter((one) => one.id === id);
    const at = all.reduce((max, one) => (one.at > max ? one.at : max), 0n);
    return all.filter((one) => one.at === at);
  };
  const expected = (id: string) =>
    latest(id).map(({ at: _at, addresses, ...one }) => ({ ...one, addresses: addresses.filter(isUrl) }));
  expect(new Set(comets.map(({ id }) => id)).size).toBe(comets.length);
  for (const comet of comets) expect(expected(comet.id)).toContainEqual(comet);
  expect(comets.filter(({ id }) => !isId(id))).toEqual([]);
  for (const { id } of comets) ids.delete(id);
  for (const id of ids) expect(expected(id).some(({ addresses }) => addresses.length === 0)).toBe(true);
  for (const { problem } of refused) expect(problem).not.toMatch(/10\.0\.0/);
};

it(
  'a discovery answer names the comets that an independent reader finds, or is REGISTRY_FAILED',
  () =>
    fuzz('discovery-reply', inputs, (input) => {
      const json = parseWithTimes(input);
      const named = readInstances(json);
      try {
        const answer = readReply(input);
        expect(named).toBeDefined();
        checkAnswer(answer, named ?? []);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        expect(error).toMatchObject({ code: 'REGISTRY_FAILED', retryable: true });
        if (!isDeep(input)) expect(named).toBeUndefined();
      }
      return json !== undefined;
    }),
  FUZZ_TIMEOUT_MS,
);
