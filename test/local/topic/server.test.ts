import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTopicServer, type TopicServer } from '../../../local/topic/server.ts';
import { createTopic, type Topic } from '../../../local/topic/topic.ts';
import { pushMsgVector } from '../../vectors.ts';

const BINARY = 'application/vnd.kafka.binary.v2+json';
let topic: Topic;
let server: TopicServer;
let faults: string[];

beforeEach(async () => {
  topic = createTopic({ name: 'goim-push-topic', maxBytes: 3 * 1024 * 1024 });
  faults = [];
  const fault = (what: string) => async () => void faults.push(what);
  const comet = { id: 'comet-1', stop: fault('stop'), start: fault('start'), hang: fault('hang') };
  const options = { topic, comets: [comet], host: '127.0.0.1', port: 0, maxRequestBytes: 3_000_000 };
  server = await startTopicServer(options);
});
afterEach(() => server.close());

const post = async (path: string, body: unknown, contentType = BINARY) => {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
};
const produce = (body: unknown, contentType?: string) => post('/topics/goim-push-topic', body, contentType);

/** With a request target that fetch would change; answers the head and the body. */
const rawPost = async (target: string): Promise<string> => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.end(`POST ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  return (await socket.toArray()).join('');
};

const drained = () => {
  const records: unknown[] = [];
  topic.drain(new Set(), ({ partition, offset, key, value }) => {
    records.push({ partition, offset, key: key?.toString(), value: value?.toString('base64') });
    return true;
  });
  return records;
};

describe('producing', () => {
  it('answers with the positions of goim records', async () => {
    const { eventKeyB64, eventValueB64 } = pushMsgVector('PUSH');
    const answer = await produce({ records: [{ key: eventKeyB64, value: eventValueB64 }] });
    expect(answer).toEqual({
      status: 200,
      type: 'application/vnd.kafka.v2+json',
      body: {
        offsets: [{ partition: 3, offset: 0, error_code: null, error: null }],
        key_schema_id: null,
        value_schema_id: null,
      },
    });
    expect(drained()).toEqual([{ partition: 3, offset: 0, key: 'k1', value: eventValueB64 }]);
  });

  it('takes tombstones, records without a key and the partition that is named', async () => {
    const { body } = await produce({
      records: [
        { value: null, partition: 2 },
        { key: null, value: '' },
      ],
    });
    expect(body).toMatchObject({ offsets: [{ partition: 2 }, { partition: 0 }] });
    expect(drained()).toMatchObject([{ value: '' }, { value: undefined }]);
  });

  it.each([`${BINARY}; charset=utf-8`, 'Application/vnd.Kafka.Binary.V2+JSON', `${BINARY} ;q=1`])(
    'takes the content type %s',
    async (contentType) => {
      expect(await produce({ records: [{ value: 'YQ==' }] }, contentType)).toMatchObject({ status: 200 });
    },
  );

  it("takes what Confluent's own entities write, with every optional field null", async () => {
    const schemas = { key_schema: null, key_schema_id: null, value_schema: null, value_schema_id: null };
    const record = { key: null, value: 'YQ==', partition: null };
    expect(await produce({ records: [record, { value: 'Yg==' }], ...schemas })).toMatchObject({
      status: 200,
      body: { offsets: [{ partition: 0 }, { partition: 1 }] },
    });
  });

  it('takes the whole URL, as a proxy sends it, and a query', async () => {
    const answer = await rawPost(`${server.url}/topics/goim-push-topic?a=b`);
    expect(answer).toMatch(/^HTTP\/1.1 415 /);
    expect(await rawPost('/topics/goim-push-topic?a=b')).toMatch(/^HTTP\/1.1 415 /);
  });

  it.each([
    ['another content type', '{}', 'application/json', 415, 415],
    ['what is not JSON', '{', BINARY, 422, 422],
    ['what has no records', '{}', BINARY, 422, 422],
    ['no records', '{"records":[]}', BINARY, 422, 422],
    ['records that are null', '{"records":null}', BINARY, 422, 422],
    ['a record that is null', '{"records":[null]}', BINARY, 422, 422],
    [
      'JSON in place of base64',
      '{"records":[{"value":{"a":1}}]}',
      'application/vnd.kafka.json.v2+json',
      415,
      415,
    ],
    ['no content type', '{}', '', 415, 415],
    ['a field that it does not know', '{"records":[{"value":"YQ==","headers":[]}]}', BINARY, 422, 422],
    ['a value that is not base64', '{"records":[{"value":"a b"}]}', BINARY, 422, 422],
    ['a value without its padding', '{"records":[{"value":"YQ"}]}', BINARY, 422, 422],
    ['a key that is not base64', '{"records":[{"key":"%","value":"YQ=="}]}', BINARY, 422, 422],
    ['a partition that is not there', '{"records":[{"value":"YQ==","partition":4}]}', BINARY, 422, 422],
    ['a negative partition', '{"records":[{"value":"YQ==","partition":-1}]}', BINARY, 422, 422],
  ])('refuses %s', async (_, body, contentType, status, code) => {
    const answer = await produce(body, contentType);
    expect(answer).toMatchObject({ status, body: { error_code: code, message: expect.any(String) } });
    expect(drained()).toEqual([]);
  });

  it('takes none of the records if one is wrong', async () => {
    expect(await produce({ records: [{ value: 'YQ==' }, { value: '?' }] })).toMatchObject({
      status: 422,
      body: { message: 'records.1.value is not base64' },
    });
    expect(drained()).toEqual([]);
  });

  it('refuses a topic that is not there', async () => {
    const { status, body } = await post('/topics/other', { records: [{ value: 'YQ==' }] });
    expect({ status, body }).toEqual({
      status: 404,
      body: { error_code: 40401, message: 'Topic not found.' },
    });
  });

  it('refuses records and requests that are too large', async () => {
    const large = Buffer.alloc(1024 * 1024 + 13).toString('base64');
    expect(await produce({ records: [{ value: large }] })).toMatchObject({
      status: 413,
      body: { error_code: 413 },
    });
    const { status, body } = await produce(' '.repeat(3_000_001));
    expect({ status, body }).toMatchObject({ status: 413, body: { error_code: 413 } });
  });

  it('says that it is full while uncommitted records fill it', async () => {
    const value = Buffer.alloc(1024 * 1024).toString('base64');
    const produceOne = () => produce({ records: [{ value, partition: 0 }] });
    expect(await produceOne()).toMatchObject({ status: 200 });
    expect(await produceOne()).toMatchObject({ status: 200 });
    expect(await produceOne()).toMatchObject({
      status: 503,
      body: { error_code: 50003, message: expect.stringContaining('is full') },
    });
    drained();
    await topic.commit(new Map([[0, 2]]));
    expect(await produceOne()).toMatchObject({ status: 200, body: { offsets: [{ offset: 2 }] } });
  });
});

describe('faults by hand', () => {
  it('stop, start and hang a comet', async () => {
    for (const what of ['stop', 'start', 'hang']) {
      expect(await post(`/comets/comet-1/${what}`, '')).toMatchObject({
        status: 200,
        body: { comet: 'comet-1', fault: what },
      });
    }
    expect(faults).toEqual(['stop', 'start', 'hang']);
  });

  it('name the comets there are', async () => {
    expect(await post('/comets/comet-9/stop', '')).toMatchObject({
      status: 404,
      body: { message: 'there is no comet comet-9, but comet-1' },
    });
  });
});

describe('anything else', () => {
  it.each(['/', '/topics', '/topics/a/b', '/comets/comet-1/explode', '/comets/comet-1'])(
    '%s is not found',
    async (path) => {
      expect(await post(path, '')).toMatchObject({ status: 404, body: { error_code: 404 } });
    },
  );

  it('is a wrong method', async () => {
    const response = await fetch(`${server.url}/topics/goim-push-topic`);
    expect(response.status).toBe(405);
  });

  it.each(['//', '///', '//topics/goim-push-topic', '*', 'x', '/topics//', '/?', 'http://[', '/..//'])(
    '%s is an error of the caller that says why',
    async (target) => {
      const [status = '', body = ''] = (await rawPost(target)).split('\r\n\r\n');
      expect(status).toMatch(/^HTTP\/1.1 4\d\d /);
      // Node's own answer to a target that no URL has is without a body.
      if (body !== '') expect(body).toMatch(/"message":"HTTP 4\d\d [^"]+: /);
    },
  );

  it('is a wrong path', async () => {
    expect(await post('/topics/%E0%A4%A', '')).toMatchObject({ status: 400 });
  });
});

describe('the lag', () => {
  const lag = async () => (await fetch(`${server.url}/lag`)).json();

  it('is what stands in each partition beyond the commits', async () => {
    await produce({ records: [0, 1, 2].map((partition) => ({ key: null, value: null, partition })) });
    await produce({ records: [{ key: null, value: null, partition: 2 }] });
    drained();
    await topic.commit(
      new Map([
        [0, 1],
        [2, 1],
      ]),
    );
    expect(await lag()).toEqual({
      topic: 'goim-push-topic',
      partitions: [
        { partition: 0, committed: 1, end: 1 },
        { partition: 1, committed: 0, end: 1 },
        { partition: 2, committed: 1, end: 2 },
        { partition: 3, committed: 0, end: 0 },
      ],
    });
  });
});
