import type { Comet } from './fleet.ts';
import { MAX_ID_BYTES } from './limits.ts';

/** An entry of the registry that is not used, or not whole. Its problem names no address: one may hold a password. */
export interface RefusedEntry {
  readonly id: string;
  readonly problem: string;
}

/** What a registry says: who is in the fleet, and which of its entries cannot be used as they are. */
export interface RegistryAnswer {
  readonly comets: readonly Comet[];
  readonly refused: readonly RefusedEntry[];
}

const SCHEMES = ['http:', 'https:', 'grpc:', 'grpcs:', 'gorpc:'];

/** Go's RPC has no port of its own; `bodies` says what the comet's clients stand. */
const isGorpcAddress = ({ port, searchParams }: URL): boolean =>
  port !== '' &&
  [...searchParams].every(([name, value]) => name === 'bodies' && ['json', 'any'].includes(value));

const isAddress = (address: string): boolean => {
  const url = URL.parse(address);
  if (url === null || !SCHEMES.includes(url.protocol) || url.hostname === '') return false;
  return url.protocol !== 'gorpc:' || isGorpcAddress(url);
};

/** `#fleet` is the header's key in the `Fleet` table. */
const idProblem = (id: string): string | undefined => {
  if (id === '') return 'the id is empty';
  if (id.startsWith('#')) return 'the id starts with #';
  if (!id.isWellFormed()) return 'the id is not Unicode text';
  return Buffer.byteLength(id) > MAX_ID_BYTES ? `the id is over ${MAX_ID_BYTES} bytes` : undefined;
};

const addressProblem = (good: number, all: number): string | undefined => {
  if (all === 0) return 'it has no address';
  return good === all
    ? undefined
    : `${all - good} of ${all} addresses are not http, https, grpc, grpcs or gorpc URLs`;
};

const NAMED_TWICE = { comet: undefined, problem: 'the id is named twice' };

const readEntry = (entry: Comet): { comet: Comet | undefined; problem: string | undefined } => {
  const problem = idProblem(entry.id);
  if (problem !== undefined) return { comet: undefined, problem };
  const addresses = entry.addresses.filter(isAddress);
  const comet = addresses.length === 0 ? undefined : { ...entry, addresses };
  return { comet, problem: addressProblem(addresses.length, entry.addresses.length) };
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
