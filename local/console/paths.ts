import type { CometPath, PathAnswer, Span } from '../../console/answers.ts';
import type { Op } from '../../lib/domain/op.ts';

/** A message that was pushed from the console. `body` is base64. */
export interface Pushed {
  /** `topic/partition/offset`. */
  readonly id: string;
  readonly target: string;
  readonly body: string;
  readonly producedAt: number;
}

export interface Path extends Pushed {
  dispatch?: Span;
  readonly byComet: Map<string, CometPath>;
}

const KEPT = 20;

export const changePath = ({ byComet }: Path, comet: string, more: Partial<CometPath>): void => {
  byComet.set(comet, { ...(byComet.get(comet) ?? { comet, clients: [] }), ...more });
};

const answerOf = ({ id, target, producedAt, dispatch, byComet }: Path): PathAnswer => ({
  id,
  target,
  producedAt,
  ...(dispatch === undefined ? {} : { dispatch }),
  comets: [...byComet.values()],
});

/** The ways of the last messages that were pushed from the console. */
export const createPaths = (now: () => number) => {
  const paths = new Map<string, Path>();
  const withBody = (body: string): Path[] => [...paths.values()].filter((path) => path.body === body);

  /** A stock comet is told no id: then it is the oldest message with that body that is on its way to it, or else the newest. */
  const takenBy = (comet: string, { id, body }: Pick<Op, 'id' | 'body'>): Path | undefined => {
    if (id !== '') return paths.get(id);
    const left = withBody(body).filter(({ byComet }) => byComet.get(comet)?.tookAt === undefined);
    return left.find(({ byComet }) => byComet.has(comet)) ?? left.at(-1);
  };

  return {
    get: (id: string): Path | undefined => paths.get(id),
    all: (): Path[] => [...paths.values()],
    /** Newest first. */
    answers: (): PathAnswer[] => [...paths.values()].map(answerOf).toReversed(),

    add: (pushed: Pushed): void => {
      paths.set(pushed.id, { ...pushed, byComet: new Map() });
      for (const old of [...paths.keys()].slice(0, -KEPT)) paths.delete(old);
    },
    /** A comet has taken an op. */
    took: (comet: string, op: Pick<Op, 'id' | 'body'>): void => {
      const path = takenBy(comet, op);
      if (path !== undefined && path.byComet.get(comet)?.tookAt === undefined)
        changePath(path, comet, { tookAt: now() });
    },
    /** A client has got a message, which has no id: it is the last one with that body that its comet took. */
    heard: (
      { comet, key }: { readonly comet: string; readonly key: string },
      body: Buffer,
      at: number,
    ): void => {
      const path = withBody(body.toString('base64')).findLast(({ byComet }) => {
        const known = byComet.get(comet);
        return known?.tookAt !== undefined && !known.clients.some((client) => client.key === key);
      });
      const clients = path?.byComet.get(comet)?.clients ?? [];
      if (path !== undefined) changePath(path, comet, { clients: [...clients, { key, at }] });
    },
  };
};

export type Paths = ReturnType<typeof createPaths>;
