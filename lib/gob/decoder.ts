import { MAX_DEFINITIONS_BYTES } from './bounds.ts';
import { createDefinitions } from './definitions.ts';
import { type Input, malformed, readInt, readUint, uintBytes } from './input.ts';
import { createReaders } from './reader.ts';
import type { StructType, ValueOf } from './type.ts';
import {
  BASIC_ID,
  type Definition,
  WIRE_TYPE,
  WIRE_TYPE_ID,
  type WireType,
  wireTypeOf,
} from './wire-type.ts';

/** A value that has come whole. */
export interface GobMessage {
  /** By the peer's own definition: fields by name, unknown ones passed over, missing ones zero. Bytes are views of the message. Throws a RangeError if it is malformed or of another kind. */
  read<T extends StructType>(type: T): ValueOf<T>;
  /** Whether the peer's type is of this kind, as far as both have the same fields. */
  fits(type: StructType): boolean;
}

/** One direction of one connection. */
export interface GobDecoder {
  push(chunk: Buffer): void;
  /** The next value. Throws a RangeError for what is no gob; then nothing more can be read. */
  take(maxBytes: number): GobMessage | 'incomplete' | 'too-large';
}

/** What has come and is not yet taken. */
const createBacklog = () => {
  let chunks: Buffer[] = [];
  let bytes = 0;
  /** In one piece, up to `needed`; a large message's chunks are joined once. */
  const joined = (needed: number): Buffer => {
    let [first = Buffer.alloc(0)] = chunks;
    if (first.length < needed && chunks.length > 1) {
      first = Buffer.concat(chunks);
      chunks = [first];
    }
    return first;
  };
  const drop = (count: number): void => {
    const [first = Buffer.alloc(0), ...others] = chunks;
    bytes -= count;
    chunks = first.length === count ? others : [first.subarray(count), ...others];
  };
  return {
    push: (chunk: Buffer): void => {
      chunks.push(chunk);
      bytes += chunk.length;
    },
    bytes: () => bytes,
    joined,
    drop,
  };
};

const LONGEST_COUNT = 9;

/** The peer's types, by id. */
const createTypes = () => {
  const typeById = new Map<number, WireType>(
    Object.entries(BASIC_ID).map(([kind, id]) => [id, { kind } as WireType]),
  );
  const define = (id: number, definition: Definition): void => {
    const type = wireTypeOf(definition);
    if (type === undefined || typeById.has(id))
      throw malformed('a type is of an unknown kind, or defined twice');
    typeById.set(id, type);
  };
  const { idOf, defined } = createDefinitions(WIRE_TYPE_ID);
  idOf(WIRE_TYPE);
  for (const { id, definition } of defined) define(id, definition);
  const typeOf = (id: number): WireType => {
    const type = typeById.get(id);
    if (type === undefined) throw malformed('a type that was not defined');
    return type;
  };
  return { define, typeOf };
};

/** Go's gob (https://pkg.go.dev/encoding/gob), as `net/rpc` writes it. */
export const createGobDecoder = (): GobDecoder => {
  const backlog = createBacklog();
  const { define, typeOf } = createTypes();
  const readerOf = createReaders(typeOf);
  let definitionsBytes = 0;

  const read = <T extends StructType>(type: T, id: number, input: Input): ValueOf<T> => {
    const value = readerOf(type, id)?.(input);
    if (value === undefined) throw malformed('a value of another kind than was asked for');
    if (input.at !== input.bytes.length) throw malformed('a message is longer than its value');
    return value as ValueOf<T>;
  };
  const messageOf = (id: number, input: Input): GobMessage => ({
    read: (type) => read(type, id, { ...input }),
    fits: (type) => readerOf(type, id) !== undefined,
  });
  const learn = (id: number, input: Input): void => {
    definitionsBytes += input.bytes.length;
    if (definitionsBytes > MAX_DEFINITIONS_BYTES) throw malformed('too many type definitions');
    define(id, read(WIRE_TYPE, WIRE_TYPE_ID, input));
  };
  /** The next message, whole; it may be a definition. */
  const takeBytes = (maxBytes: number): Buffer | 'incomplete' | 'too-large' => {
    const head = backlog.joined(LONGEST_COUNT);
    const start = uintBytes(head);
    if (start === undefined) return 'incomplete';
    const bytes = readUint({ bytes: head, at: 0 });
    if (bytes > maxBytes) return 'too-large';
    if (backlog.bytes() < start + bytes) return 'incomplete';
    const message = backlog.joined(start + bytes).subarray(start, start + bytes);
    backlog.drop(start + bytes);
    return message;
  };
  return {
    push: backlog.push,
    take: (maxBytes) => {
      for (;;) {
        const bytes = takeBytes(maxBytes);
        if (typeof bytes === 'string') return bytes;
        const input = { bytes, at: 0 };
        const id = readInt(input);
        if (id >= 0) return messageOf(id, input);
        learn(-id, input);
      }
    },
  };
};
