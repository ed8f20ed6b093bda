import * as v from 'valibot';
import { type RefusedEntry, type RegistryAnswer, readEntries } from '../../domain/comet-entry.ts';
import type { Comet } from '../../domain/fleet.ts';
import { nodeFailed } from './error.ts';

const OK = 0;
const NOT_FOUND = -404;
/** Of a bitmask: 1 is up, 2 is waiting, which is a comet that is to get no traffic. */
const UP = 1;
/** A service's `http://` address is, by discovery's custom, its own API and not the comet API. */
const GRPC = /^grpcs?:\/\//i;

type Zones = Readonly<Record<string, readonly unknown[] | null>>;

/** Not valibot's `record`, which takes a list for a map and leaves out a zone named `constructor`. */
const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isZones = (value: unknown): boolean =>
  isMap(value) && Object.values(value).every((zone) => zone === null || Array.isArray(zone));

/** v1.0.1 answers `code` and `data`; later versions add `message` and `ttl`. Go writes a nil slice or map as null. */
const replySchema = v.object({
  code: v.number(),
  data: v.nullish(v.pipe(v.custom(isMap), v.object({ instances: v.nullish(v.custom<Zones>(isZones), {}) }))),
});

const instanceSchema = v.object({
  hostname: v.string(),
  addrs: v.nullish(v.array(v.string()), []),
  status: v.number(),
  zone: v.nullish(v.string(), ''),
  reg_timestamp: v.optional(v.fallback(v.bigint(), 0n), 0n),
});

interface Registered {
  readonly comet: Comet;
  /** Nanoseconds since 1970. */
  readonly registeredAt: bigint;
}

/** Nanoseconds do not fit a number: the digits are read as they stand in the text. */
const exactTimestamp = (key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  key === 'reg_timestamp' && /^\d+$/.test(context?.source ?? '') ? BigInt(context?.source ?? '') : value;

const parseJson = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), exactTimestamp);
  } catch {
    throw nodeFailed('its answer is not JSON');
  }
};

const hostnameOf = (instance: unknown): string => {
  const named = v.safeParse(v.object({ hostname: v.string() }), instance);
  return named.success ? named.output.hostname : '';
};

/** Undefined: not up. */
const readInstance = (instance: unknown, zone: string): Registered | RefusedEntry | undefined => {
  const parsed = v.safeParse(instanceSchema, instance);
  if (!parsed.success) return { id: hostnameOf(instance), problem: 'its instance is malformed' };
  const { hostname, addrs, status, reg_timestamp: registeredAt } = parsed.output;
  if (status !== UP) return undefined;
  // The Go client joins an instance's addresses into one.
  const addresses = addrs.flatMap((joined) => joined.split(',').map((address) => address.trim()));
  const grpc = [...new Set(addresses.filter((address) => GRPC.test(address)))];
  if (grpc.length === 0) return { id: hostname, problem: 'it has no grpc:// or grpcs:// address' };
  const place = parsed.output.zone || zone;
  return { comet: { id: hostname, addresses: grpc, ...(place !== '' && { zone: place }) }, registeredAt };
};

/** Of two instances with one hostname, the later: a comet that has moved to another zone is still named in the old one for a while. */
const laterFirst = (a: Registered, b: Registered): number =>
  a.registeredAt === b.registeredAt ? 0 : a.registeredAt > b.registeredAt ? -1 : 1;

const readZones = (zones: Zones): RegistryAnswer => {
  const read = Object.entries(zones).flatMap(([zone, instances]) =>
    (instances ?? []).map((instance) => readInstance(instance, zone)),
  );
  const refused = read.filter((entry) => entry !== undefined && 'problem' in entry);
  const registered = read.filter((entry) => entry !== undefined && 'comet' in entry);
  const answer = readEntries(registered.toSorted(laterFirst).map(({ comet }) => comet));
  return { comets: answer.comets, refused: [...refused, ...answer.refused] };
};

/** The answer of `/discovery/fetch`. Throws `REGISTRY_FAILED`. */
export const readReply = (bytes: Buffer): RegistryAnswer => {
  const parsed = v.safeParse(replySchema, parseJson(bytes));
  if (!parsed.success) throw nodeFailed('its answer is malformed');
  const { code, data } = parsed.output;
  if (code === NOT_FOUND) return { comets: [], refused: [] };
  if (code !== OK) throw nodeFailed(`code ${code}`);
  return readZones(data?.instances ?? {});
};
