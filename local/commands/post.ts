import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { CommandError } from './arguments.ts';

export interface Posted {
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
 * whatever the environment says. Rejects with a `CommandError`.
 */
export const postTo = async (url: string, contentType: string, body: string): Promise<Posted> => {
  const agent = new Agent();
  const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
  const sent = request(url, { method: 'POST', agent, headers });
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
