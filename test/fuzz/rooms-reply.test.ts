import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRooms as readGrpcRooms, unframe } from '../../lib/comet/grpc/reply.ts';
import { readRooms as readHttpRooms } from '../../lib/comet/http/reply.ts';
import { ServiceError } from '../../lib/errors.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { httpAnswers, jsonOf } from './comet-answers.ts';
import { anyJson, oddJson } from './json-inputs.ts';
import { anyText, bytesField, strangeField, textField, varintField } from './protobuf-inputs.ts';
import { readWire, textOf } from './protobuf-reader.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

/** Undefined: `COMET_REPLY_MALFORMED`. Any other error goes on. */
const readOrRefuse = (read: () => ReadonlySet<string>): ReadonlySet<string> | undefined => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error).toMatchObject({ code: 'COMET_REPLY_MALFORMED', retryable: true });
    return undefined;
  }
};

const roomName = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom('__proto__', 'live://1', '\ufeff', 'é', '\u0000'),
);
const list = fc.record({ rooms: fc.option(fc.array(roomName, { maxLength: 6 })) });
const text = fc.oneof({ weight: 9, arbitrary: oddJson(list) }, { weight: 1, arbitrary: anyJson });
const body = fc.oneof(
  { weight: 4, arbitrary: text.map((json) => Buffer.from(json)) },
  { weight: 2, arbitrary: broken(text.map((json) => Buffer.from(json))) },
  { weight: 1, arbitrary: randomBytes },
);

const httpRoomsOf = (json: unknown): ReadonlySet<string> | undefined => {
  if (typeof json !== 'object' || json === null || !('rooms' in json)) return undefined;
  if (json.rooms === null) return new Set();
  if (!Array.isArray(json.rooms)) return undefined;
  return json.rooms.every((room) => typeof room === 'string' && room.length > 0)
    ? new Set(json.rooms)
    : undefined;
};

it(
  'a room list over HTTP is exactly the one that was answered, or COMET_REPLY_MALFORMED',
  () =>
    fuzz('rooms-reply, HTTP', httpAnswers(body), (answer) => {
      const json = jsonOf(answer);
      expect(readOrRefuse(() => readHttpRooms(answer))).toEqual(httpRoomsOf(json));
      return json !== undefined;
    }),
  FUZZ_TIMEOUT_MS,
);

const entryField = fc.oneof(
  { weight: 4, arbitrary: anyText.map((room) => textField(1, room)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(0n, 1n, 2n, 2n ** 32n, -1n).map((online) => varintField(2, online)),
  },
  { weight: 1, arbitrary: strangeField },
);
const entry = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(roomName, fc.boolean())
      .map(([room, online]) => [textField(1, room), varintField(2, online ? 1n : 0n)]),
  },
  { weight: 1, arbitrary: fc.array(entryField, { maxLength: 4 }) },
);
const message = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: entry.map((fields) => bytesField(1, Buffer.concat(fields))) },
      { weight: 1, arbitrary: strangeField },
    ),
    { maxLength: 6 },
  )
  .map((fields) => Buffer.concat(fields));
const framed = (bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  bytes.map((content) => {
    const frame = Buffer.alloc(5 + content.length);
    frame.writeUInt32BE(content.length, 1);
    content.copy(frame, 5);
    return frame;
  });
const frames = fc.oneof(
  { weight: 5, arbitrary: framed(message) },
  { weight: 5, arbitrary: framed(broken(message)) },
  { weight: 2, arbitrary: broken(framed(message)) },
  { weight: 1, arbitrary: framed(randomBytes) },
  { weight: 1, arbitrary: randomBytes },
);

/** `hex` and not the slice itself: one message in its frame, as gRPC's specification has it. */
const messageIn = (frame: Buffer): Buffer | undefined => {
  const hex = frame.toString('hex');
  const isWhole =
    hex.startsWith('00') && hex.length >= 10 && Number.parseInt(hex.slice(2, 10), 16) === frame.length - 5;
  return isWhole ? Buffer.from(hex.slice(10), 'hex') : undefined;
};

type Rooms = Set<string> | 'malformed' | 'odd';

const readEntry = (bytes: Buffer, into: Set<string>): Rooms => {
  const { fields, end } = readWire(bytes);
  if (end !== 'whole') return end;
  const names = fields
    .filter(({ number, type }) => number === 1 && type === 2)
    .map((field) => textOf(field.bytes));
  const online = fields.filter(({ number, type }) => number === 2 && type === 0).at(-1)?.value ?? 0n;
  const name = names.at(-1);
  if (name === undefined || name === '' || names.includes(undefined)) return 'malformed';
  if (online !== 0n) into.add(name);
  return into;
};

/** A room that is named twice counts if either entry has somebody: one too many costs a call, one too few a message. */
const grpcRoomsOf = (frame: Buffer): Rooms => {
  const content = messageIn(frame);
  if (content === undefined) return 'malformed';
  const { fields, end } = readWire(content);
  const rooms = new Set<string>();
  const entries = fields
    .filter(({ number, type }) => number === 1 && type === 2)
    .map(({ bytes }) => readEntry(bytes, rooms));
  if (end === 'odd' || entries.includes('odd')) return 'odd';
  return end === 'malformed' || entries.includes('malformed') ? 'malformed' : rooms;
};

it(
  'a room list over gRPC is what an independent reader finds, or COMET_REPLY_MALFORMED',
  () =>
    fuzz('rooms-reply, gRPC', frames, (frame) => {
      const expected = grpcRoomsOf(frame);
      const rooms = readOrRefuse(() => readGrpcRooms(unframe(frame)));
      if (expected !== 'odd') expect(rooms ?? 'malformed').toEqual(expected);
      return messageIn(frame) !== undefined;
    }),
  FUZZ_TIMEOUT_MS,
);
