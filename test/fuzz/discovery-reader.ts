type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const own = (value: Fields, name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);

/** Times as text with a mark, since `JSON.parse` alone would round them. */
export const parseWithTimes = (input: Buffer): unknown => {
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(input);
    JSON.parse(json);
    return JSON.parse(json.replaceAll(/("reg_timestamp"\s*:\s*)(\d+)(?=\s*[,}\]])/g, '$1"ns$2"'));
  } catch {
    return undefined;
  }
};

export interface Named {
  readonly id: string;
  readonly addresses: string[];
  readonly zone?: string;
  readonly at: bigint;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
const grpcOf = (joined: readonly string[]): string[] => {
  const parts = joined.flatMap((one) => one.split(',')).map((part) => part.trim());
  return [...new Set(parts)].filter((part) => /^grpcs?:\/\//i.test(part));
};
const timeOf = (at: unknown): bigint =>
  BigInt(typeof at === 'string' && /^ns\d+$/.test(at) ? at.slice(2) : 0);

/** An instance that is up and has gRPC addresses. */
const namedBy = (one: unknown, zoneName: string): Named | undefined => {
  if (!isFields(one) || own(one, 'status') !== 1) return undefined;
  const [id, addrs, place] = [own(one, 'hostname'), own(one, 'addrs') ?? [], own(one, 'zone') ?? ''];
  if (typeof id !== 'string' || typeof place !== 'string' || !isTexts(addrs)) return undefined;
  const addresses = grpcOf(addrs);
  const zone = place || zoneName;
  const at = timeOf(own(one, 'reg_timestamp'));
  return addresses.length === 0 ? undefined : { id, addresses, ...(zone !== '' && { zone }), at };
};

const isList = (list: unknown): boolean => list === null || Array.isArray(list);

/** Every instance that a comet may be made of, or undefined if it is no answer. */
export const readInstances = (json: unknown): Named[] | undefined => {
  if (!isFields(json)) return undefined;
  const [code, data] = [own(json, 'code'), own(json, 'data') ?? {}];
  if ((code !== 0 && code !== -404) || !isFields(data)) return undefined;
  const zones = own(data, 'instances') ?? {};
  if (!isFields(zones) || !Object.values(zones).every(isList)) return undefined;
  if (code === -404) return [];
  const lists = Object.entries(zones) as [string, unknown[] | null][];
  return lists.flatMap(([name, list]) => (list ?? []).flatMap((one) => namedBy(one, name) ?? []));
};
