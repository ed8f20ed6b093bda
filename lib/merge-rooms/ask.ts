import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { CometClient } from '../comet/client.ts';
import type { RegistryAnswer } from '../domain/comet-entry.ts';
import type { RoomList } from '../domain/comet-rooms.ts';
import type { Comet } from '../domain/fleet.ts';
import { ROOMS_ASKS_A_TURN, ROOMS_CALL_MS } from '../domain/limits.ts';
import { ServiceError } from '../errors.ts';
import type { LogFields } from '../log.ts';
import type { MergeReport } from './report.ts';
import { createRoomsWatch, type RoomsWatch } from './watch.ts';

/** Knows who is in the fleet. Rejects with a `ServiceError`. */
export interface Registry {
  /** Whose fleet it is asked for, as a log line says it. */
  readonly query: LogFields;
  comets(signal: AbortSignal): Promise<RegistryAnswer>;
}

export interface AskDeps {
  readonly registry: Registry;
  /** Throws a `ServiceError` if no address can be used. */
  readonly openComet: (comet: Comet) => CometClient;
  readonly clock: Clock;
}

export interface Answers {
  /** Undefined if the registry did not answer or named nobody: the fleet stays as it is. */
  readonly registry: RegistryAnswer | undefined;
  /** The room lists of the comets that answered, by id. */
  readonly lists: ReadonlyMap<string, RoomList>;
  /** The others. */
  readonly silent: ReadonlySet<string>;
}

export interface Asker {
  /** Asks the registry and every comet; none waits for another's answer, and all end after `ROOMS_CALL_MS`. */
  ask(comets: readonly Comet[]): Promise<Answers>;
  /** Resolves once a comet has said that its rooms have changed since the last ask began. */
  changed(): Promise<void>;
  close(): void;
}

interface OpenComet {
  readonly addresses: string;
  readonly client: CometClient;
}

/** One client a comet, replaced when its addresses change and closed when it has left. */
const createClients = (openComet: AskDeps['openComet'], report: MergeReport, watch: RoomsWatch) => {
  const openById = new Map<string, OpenComet>();
  const close = (id: string): void => {
    const client = openById.get(id)?.client;
    if (client === undefined) return;
    watch.forget(client);
    client.close();
    openById.delete(id);
  };
  return {
    of: (comet: Comet): CometClient => {
      const addresses = comet.addresses.join('\n');
      const open = openById.get(comet.id);
      if (open?.addresses === addresses) return open.client;
      close(comet.id);
      const client = openComet(comet);
      openById.set(comet.id, { addresses, client });
      return client;
    },
    keep: (comets: readonly Comet[]): void => {
      const kept = new Set(comets.map(({ id }) => id));
      for (const id of openById.keys()) {
        if (kept.has(id)) continue;
        close(id);
        report.forget(`comet ${id}`);
      }
    },
  };
};

const failureOf = (error: unknown): string =>
  error instanceof ServiceError
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? error.name
      : 'UNEXPECTED';

type Answer<T> = { readonly value: T } | { readonly failure: string };

/** Also ends the wait for a call that does not heed its signal. */
const createDeadline = (clock: Clock) => {
  const controller = new AbortController();
  const over = clock.sleep(ROOMS_CALL_MS).then((): Answer<never> => {
    controller.abort();
    return { failure: 'COMET_TIMEOUT' };
  });
  return async <T>(call: (signal: AbortSignal) => Promise<T>): Promise<Answer<T>> => {
    try {
      return await Promise.race([call(controller.signal).then((value) => ({ value })), over]);
    } catch (error) {
      return { failure: failureOf(error) };
    }
  };
};

const problemOf = (answer: RegistryAnswer): string | undefined =>
  answer.refused.length === 0
    ? undefined
    : `registry entries refused: ${answer.refused.map(({ id, problem }) => `${id}: ${problem}`).join('; ')}`;

const fleetFailure = (answer: Answer<RegistryAnswer>): string | undefined => {
  if ('failure' in answer) return answer.failure;
  return answer.value.comets.length === 0 ? 'nobody is named' : undefined;
};

const noFleet = (hasFleet: boolean): string =>
  hasFleet ? 'the registry names no fleet, so the last one stays' : 'the registry names no fleet';

/** What was begun is answered while the next ones are begun. */
const inTurns = async (comets: readonly Comet[], ask: (comet: Comet) => Promise<void>): Promise<void> => {
  const asked: Promise<void>[] = [];
  for (const comet of comets) {
    if (asked.length > 0 && asked.length % ROOMS_ASKS_A_TURN === 0) await nextTurn();
    asked.push(ask(comet));
  }
  await Promise.all(asked);
};

export const createAsker = ({ registry, openComet, clock }: AskDeps, report: MergeReport): Asker => {
  const watch = createRoomsWatch(clock);
  const clients = createClients(openComet, report, watch);

  const goodAnswer = (answer: Answer<RegistryAnswer>, hasFleet: boolean): RegistryAnswer | undefined => {
    if ('value' in answer) report.state('registry entries', problemOf(answer.value));
    const failure = fleetFailure(answer);
    report.state('registry', failure && noFleet(hasFleet), { ...registry.query, failure });
    return 'value' in answer && failure === undefined ? answer.value : undefined;
  };

  return {
    ask: async (comets) => {
      const within = createDeadline(clock);
      const lists = new Map<string, RoomList>();
      const askComet = async (comet: Comet): Promise<void> => {
        const answer = await within(async (signal) => clients.of(comet).rooms(signal));
        if ('value' in answer) {
          lists.set(comet.id, answer.value);
          watch.follow(clients.of(comet));
        }
        const failure = 'failure' in answer ? answer.failure : undefined;
        const problem = failure && 'a comet does not answer with its rooms';
        report.state(`comet ${comet.id}`, problem, { comet: comet.id, failure });
      };
      clients.keep(comets);
      watch.reset();
      const asked = within((signal) => registry.comets(signal));
      await inTurns(comets, askComet);
      const silent = new Set(comets.map(({ id }) => id).filter((id) => !lists.has(id)));
      return { registry: goodAnswer(await asked, comets.length > 0), lists, silent };
    },
    changed: watch.changed,
    close: () => clients.keep([]),
  };
};
