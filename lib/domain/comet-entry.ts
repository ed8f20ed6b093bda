import type { Comet } from './fleet.ts';
import { MAX_ID_BYTES } from './limits.ts';

/** An entry of the registry that is not used, or not whole. Its problem names no address: one may hold a password. */
export interface RefusedEntry {
  readonly id: string;
  readonly problem: string;
}

const NOT_ADDRESS = 'is not an http, https, grpc, grpcs or gorpc URL';

/** What a registry says: who is in the fleet, and which of its entries cannot be used as they are. */
export interface RegistryAnswer {
  readonly comets: readonly Comet[];
  readonly refused: readonly RefusedEntry[];
}

const isGorpcQuery = ({ searchParams, hash }: URL): boolean =>
  hash === '' &&
  [...searchParams].every(([name, value]) => name === 'bodies' && ['json', 'any'].includes(value));

/** What no call would carry: HTTP's calls append their own path to a base path, those of RPC have one of their own. */
const partProblem = ({ protocol, search, hash, pathname, username, port }: URL): string | undefined => {
  if (port === '0') return 'has port 0';
  if (search !== '' || hash !== '') return 'has a query or a fragment';
  if (protocol === 'http:' || protocol === 'https:') return undefined;
  if (username !== '') return 'has a user, whom RPC does not know';
  return pathname === '' || pathname === '/' ? undefined : 'has a path, which RPC does not know';
};

/** Go's RPC has no port of its own; `bodies` says what the comet's clients stand. */
const gorpcProblem = (url: URL): string | undefined => {
  if (url.port === '') return 'has no port';
  if (!isGorpcQuery(url)) return 'has another query than bodies=json or bodies=any';
  return partProblem(new URL(url.href.replace(/\?.*$/, '')));
};

const addressProblem = (address: string): string | undefined => {
  const url = URL.parse(address);
  if (url === null || url.hostname === '') return NOT_ADDRESS;
  switch (url.protocol) {
    case 'http:':
    case 'https:':
    case 'grpc:':
    case 'grpcs:':
      return partProblem(url);
    case 'gorpc:':
      return gorpcProblem(url);
    default:
      return NOT_ADDRESS;
  }
};

/** `#fleet` is the header's key in the `Fleet` table. */
const idProblem = (id: string): string | undefined => {
  if (id === '') return 'the id is empty';
  if (id.startsWith('#')) return 'the id starts with #';
  if (!id.isWellFormed()) return 'the id is not Unicode text';
  return Buffer.byteLength(id) > MAX_ID_BYTES ? `the id is over ${MAX_ID_BYTES} bytes` : undefined;
};

const NAMED_TWICE = { comet: undefined, problem: 'the id is named twice' };

const readEntry = (entry: Comet): { comet: Comet | undefined; problem: string | undefined } => {
  const problem = idProblem(entry.id);
  if (problem !== undefined) return { comet: undefined, problem };
  if (entry.addresses.length === 0) return { comet: undefined, problem: 'it has no address' };
  const read = entry.addresses.map((address) => ({ address, problem: addressProblem(address) }));
  const addresses = read.flatMap((one) => (one.problem === undefined ? [one.address] : []));
  const problems = read.flatMap((one, index) =>
    one.problem === undefined ? [] : [`address ${index + 1} ${one.problem}`],
  );
  return {
    comet: addresses.length === 0 ? undefined : { ...entry, addresses },
    problem: problems.length === 0 ? undefined : problems.join(', '),
  };
};

/** Takes what can be used of each entry by itself: a bad one costs no other. */
export const readEntries = (entries: readonly Comet[]): RegistryAnswer => {
  const comets: Comet[] = [];
  const refused: RefusedEntry[] = [];
  const seen = new Set<string>();
  for (const entry of entries) {
    const { comet, problem } = seen.has(entry.id) ? NAMED_TWICE : readEntry(entry);
    seen.add(entry.id);
    if (comet !== undefined) comets.push(comet);
    if (problem !== undefined) refused.push({ id: entry.id, problem });
  }
  return { comets, refused };
};
