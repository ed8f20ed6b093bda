import { randomUUID } from 'node:crypto';
import type { ListenedMessage, ListenerAnswer } from '../../console/answers.ts';
import type { ListenRequest } from '../../console/server/local-side.ts';
import type { ReferenceComet } from '../comet/reference-comet.ts';
import { connectGoimClient, type GoimClient } from '../goim-client/client.ts';
import type { GoimMessage } from '../goim-client/inbox.ts';

export interface ListenersOptions {
  readonly comets: readonly Pick<ReferenceComet, 'id' | 'clientUrl' | 'gorpcUrl'>[];
  readonly onMessage: (
    listener: { readonly comet: string; readonly key: string },
    message: GoimMessage,
  ) => void;
}

interface Listener extends ListenRequest {
  readonly id: string;
  readonly client: GoimClient;
  readonly messages: ListenedMessage[];
  closed: string | undefined;
}

const MAX_LISTENERS = 20;
const MAX_MESSAGES = 100;
const MAX_TEXT_BYTES = 2048;

const shownOf = ({ operation, body, receivedAt }: GoimMessage, number: number): ListenedMessage => ({
  number,
  at: receivedAt,
  operation,
  text: body.subarray(0, MAX_TEXT_BYTES).toString(),
});

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'the comet refused it';

/** Clients of goim's protocol that the console's page listens with: real connections, from this process. */
export const createListeners = ({ comets, onMessage }: ListenersOptions) => {
  const listeners = new Map<string, Listener>();

  const connect = async (request: ListenRequest, url: string, version: 0 | 1): Promise<Listener> => {
    const id = randomUUID();
    const key = request.key === '' ? `console-${id.slice(0, 8)}` : request.key;
    const messages: ListenedMessage[] = [];
    let number = 0;
    const client = await connectGoimClient({
      url,
      key,
      roomId: request.room,
      accepts: request.accepts,
      version,
      onMessage: (message) => {
        number += 1;
        messages.push(shownOf(message, number));
        if (messages.length > MAX_MESSAGES) messages.shift();
        onMessage({ comet: request.comet, key }, message);
      },
    });
    return { ...request, id, key, client, messages, closed: undefined };
  };

  const keep = (listener: Listener): undefined => {
    listeners.set(listener.id, listener);
    void listener.client.closed.then(({ code, reason }) => {
      listener.closed = `closed: ${code} ${reason}`.trimEnd();
    });
  };

  return {
    /** Undefined: it listens. */
    listen: async (request: ListenRequest): Promise<string | undefined> => {
      const comet = comets.find(({ id }) => id === request.comet);
      if (comet === undefined) return `there is no comet ${request.comet}`;
      if (listeners.size >= MAX_LISTENERS) return `${MAX_LISTENERS} are enough: let one leave`;
      const version = comet.gorpcUrl === undefined ? 1 : 0;
      return connect(request, comet.clientUrl, version).then(keep, messageOf);
    },
    leave: (id: string): void => {
      void listeners.get(id)?.client.close();
      listeners.delete(id);
    },
    all: (): ListenerAnswer[] =>
      [...listeners.values()].map(({ id, comet, key, room, accepts, messages, closed }) => ({
        id,
        comet,
        key,
        room,
        accepts,
        messages,
        closed,
      })),
    close: async (): Promise<void> => {
      await Promise.all([...listeners.values()].map(({ client }) => client.close()));
    },
  };
};
