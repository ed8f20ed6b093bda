import type { RegistryAnswer } from '../../domain/comet-entry.ts';
import { ROOMS_CALL_MS } from '../../domain/limits.ts';
import { ServiceError } from '../../errors.ts';
import { type Candidate, createHealth } from '../../health.ts';
import { type DiscoveryNode, type DiscoveryQuery, openDiscoveryNode } from './node.ts';

export interface DiscoveryOptions extends DiscoveryQuery {
  /** Of the nodes, in order of preference; each is asked for `/discovery/fetch`. */
  readonly urls: readonly string[];
  readonly now?: () => number;
}

/** Under the merge's own limit, so that a node that hangs is noted as such. */
const FETCH_MS = ROOMS_CALL_MS - 100;
/** Nodes asked in one turn, each for its share of the time; the next turn, a second later, begins with others. */
const MAX_NODES_A_TURN = 3;

type Asked = { readonly answer: RegistryAnswer } | { readonly problem: string };

const namesSomebody = (asked: Asked): boolean =>
  'answer' in asked && asked.answer.comets.length + asked.answer.refused.length > 0;

const bestOf = (asked: readonly Asked[]): RegistryAnswer => {
  const best = asked.find(namesSomebody) ?? asked.find((one) => 'answer' in one);
  if (best !== undefined && 'answer' in best) return best.answer;
  const problems = asked.flatMap((one) => ('problem' in one ? one.problem : []));
  throw new ServiceError('REGISTRY_FAILED', `No discovery node answered: ${problems.join('; ')}`, {
    retryable: true,
    details: { problems },
  });
};

/**
 * The comets that bilibili/discovery has as up. A node that names nobody has perhaps just started, so the next one is
 * asked, too; the answer is empty only if no node knows better. Rejects with `REGISTRY_FAILED` if none answered.
 */
export const createDiscoveryRegistry = ({
  urls,
  now = Date.now,
  ...query
}: DiscoveryOptions): {
  readonly query: Readonly<Record<string, string | undefined>>;
  comets(signal: AbortSignal): Promise<RegistryAnswer>;
} => {
  const callMs = Math.floor(FETCH_MS / Math.min(Math.max(1, urls.length), MAX_NODES_A_TURN));
  const health = createHealth(
    urls.map((url) => openDiscoveryNode(url, query, callMs)),
    now,
  );

  const ask = async (known: Candidate<DiscoveryNode>, signal: AbortSignal): Promise<Asked> => {
    try {
      const answer = await known.value.fetch(signal);
      health.note(known, false);
      return { answer };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      health.note(known, true);
      return { problem: String(error.details['problem']) };
    }
  };

  return {
    query: { registry: 'discovery', ...query },
    comets: async (signal) => {
      const asked: Asked[] = [];
      for (const known of health.inOrder().slice(0, MAX_NODES_A_TURN)) {
        const one = await ask(known, signal);
        asked.push(one);
        if (namesSomebody(one) || signal.aborted) break;
      }
      return bestOf(asked);
    },
  };
};
