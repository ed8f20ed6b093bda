import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { CommandError } from './arguments.ts';

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** A code for the most common of Node's errors, which have no message of their own. */
const problemOf = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ECONNREFUSED'
    ? 'nothing listens there: run npm start first, with the same --port-base'
    : `no answer came: ${message}`;

/**
 * To the topic's server of the local set. Not by `fetch`, which has a list of ports that it does not call, and not through a proxy,
 * whatever the environment says.
 */
const call = async (url: string, options: RequestOptions, body = ''): Promise<Answer> => {
  const agent = new Agent();
  const sent = request(url, { ...options, agent });
  sent.end(body);
  const [response] = (await once(sent, 'response').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(problemOf(error));
  })) as [IncomingMessage];
  try {
    return { status: response.statusCode ?? 0, body: (await json(response)) as object };
  } catch {
    throw new CommandError(`what listens at ${new URL(url).host} is not the local set`);
  } finally {
    agent.destroy();
  }
};

/** Rejects with a `CommandError`. */
export const getFrom = (url: string): Promise<Answer> => call(url, {});

/** Rejects with a `CommandError`. */
export const postTo = (url: string, contentType: string, body: string): Promise<Answer> => {
  const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
  return call(url, { method: 'POST', headers }, body);
};
