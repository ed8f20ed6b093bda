import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOn, shut } from '../listening.ts';
import { produce, type RestAnswer, restError } from './rest-produce.ts';
import type { Topic } from './topic.ts';

/** What a comet can be made to do by hand. */
export type FaultableComet = { readonly id: string } & Readonly<Record<CometFault, () => Promise<void>>>;
export const COMET_FAULTS = ['stop', 'start', 'hang'] as const;
export type CometFault = (typeof COMET_FAULTS)[number];

export interface TopicServerOptions {
  /** Absent: the records are a real Kafka's, and this is no way to it. */
  readonly topic?: Topic | undefined;
  readonly comets: readonly FaultableComet[];
  readonly host: string;
  readonly port: number;
  readonly maxRequestBytes?: number;
}

export interface TopicServer {
  readonly url: string;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
/** A thousand records of 12 KB; a quarter of what the topic keeps. */
const MAX_REQUEST_BYTES = 16 * MIB;
const CONTENT_TYPE = 'application/vnd.kafka.v2+json';

const NOT_FOUND = `HTTP 404 Not Found: there are /topics/{topic}, /lag and /comets/{comet}/{${COMET_FAULTS.join('|')}}`;

const isFault = (text: string | undefined): text is CometFault =>
  COMET_FAULTS.some((fault) => fault === text);

/** Undefined: larger than allowed. All of it is read, so that the caller reads the answer. */
const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  return bytes <= maxBytes ? Buffer.concat(chunks) : undefined;
};

/** Undefined: no request target that has a path, or one that cannot be decoded. Proxies send the whole URL. */
const pathOf = ({ url = '' }: IncomingMessage): string[] | undefined => {
  const path = url.startsWith('/') ? url.split('?', 1)[0] : URL.parse(url)?.pathname;
  try {
    return path?.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
};

const fault = async (
  comets: readonly FaultableComet[],
  id: string,
  what: CometFault,
): Promise<RestAnswer> => {
  const comet = comets.find((one) => one.id === id);
  if (comets.length === 0) {
    return restError(
      404,
      404,
      `the comets are not of this set (REGISTRY or COMETS is set): ${what} ${id} where it runs`,
    );
  }
  if (comet === undefined) {
    return restError(404, 404, `there is no comet ${id}, but ${comets.map((one) => one.id).join(' and ')}`);
  }
  await comet[what]();
  return { status: 200, body: { comet: id, fault: what } };
};

const NOT_HERE = restError(
  404,
  40401,
  'The topic is in KAFKA_BROKERS: run this command with the same variables.',
);

const answerLag = async (topic: Topic | undefined): Promise<RestAnswer> =>
  topic === undefined ? NOT_HERE : { status: 200, body: { topic: topic.name, partitions: topic.lag() } };

const answerPost = async (request: IncomingMessage, options: TopicServerOptions): Promise<RestAnswer> => {
  const { topic, comets, maxRequestBytes = MAX_REQUEST_BYTES } = options;
  const body = await readBody(request, maxRequestBytes);
  const path = pathOf(request);
  if (path === undefined) return restError(400, 400, 'HTTP 400 Bad Request: the path is not percent-encoded');
  const [kind, name = '', what, ...more] = path;
  const isProduce = kind === 'topics' && name !== '' && what === undefined;
  const isCometFault = kind === 'comets' && isFault(what) && more.length === 0;
  if (!isProduce && !isCometFault) return restError(404, 404, NOT_FOUND);
  if (request.method !== 'POST') return restError(405, 405, 'HTTP 405 Method Not Allowed: POST is');
  if (isCometFault) return fault(comets, name, what);
  if (topic === undefined) return NOT_HERE;
  if (name !== topic.name) return restError(404, 40401, 'Topic not found.');
  if (body === undefined) return restError(413, 413, `the request is larger than ${maxRequestBytes} bytes`);
  return produce(topic, request.headers['content-type'], body);
};

const serve = async (request: IncomingMessage, response: ServerResponse, options: TopicServerOptions) => {
  const isLag = request.method === 'GET' && request.url === '/lag';
  const answering = isLag ? answerLag(options.topic) : answerPost(request, options);
  const { status, body } = await answering.catch((error: unknown) =>
    restError(500, 500, error instanceof Error ? error.message : 'HTTP 500 Internal Server Error'),
  );
  response.writeHead(status, { 'content-type': CONTENT_TYPE }).end(JSON.stringify(body));
};

/** Kafka REST Proxy's way into the embedded topic, `GET /lag`, and `POST /comets/{id}/stop`, `start` and `hang`. Rejects with Node's error if the port is taken. */
export const startTopicServer = async (options: TopicServerOptions): Promise<TopicServer> => {
  const server = createServer((request, response) => void serve(request, response, options));
  const port = await listenOn(server, options.host, options.port);
  return { url: `http://${options.host}:${port}`, close: () => shut(server) };
};
