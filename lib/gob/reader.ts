import { MAX_ELEMENTS } from './bounds.ts';
import {
  type Input,
  malformed,
  readBytes,
  readCount,
  readFields,
  readInt,
  readString,
  readUint,
} from './input.ts';
import { skipValue, type WireTypes } from './skip.ts';
import { type GobType, type StructType, zeroOf } from './type.ts';
import type { WireType } from './wire-type.ts';

/** Reads one value; throws a RangeError if it is malformed. */
export type Read = (input: Input) => unknown;

const readElements = (input: Input): number => {
  const count = readCount(input);
  if (count > MAX_ELEMENTS) throw malformed(`more than ${MAX_ELEMENTS} elements`);
  return count;
};

const sliceReader =
  (readElement: Read): Read =>
  (input) => {
    const items = new Array<unknown>(readElements(input));
    for (let at = 0; at < items.length; at++) items[at] = readElement(input);
    return items;
  };

const setReader =
  (readKey: Read, skipElement: (input: Input) => void): Read =>
  (input) => {
    const keys = new Array<unknown>(readElements(input));
    for (let at = 0; at < keys.length; at++) {
      keys[at] = readKey(input);
      skipElement(input);
    }
    return keys;
  };

const BASIC_READERS = { int: readInt, uint: readUint, string: readString, bytes: readBytes } as const;

/** Finds the reader of our type for what the peer calls by an id. Undefined: the peer's type is of another kind. */
type Find = (type: GobType, id: number) => Read | undefined;

interface Field {
  readonly id: number;
  /** Undefined: nobody asks for it. */
  readonly known?: { readonly name: string; readonly read: Read };
}

/** Undefined: a field that both have is of another kind. */
const fieldsOf = (
  type: StructType,
  wire: WireType & { kind: 'struct' },
  find: Find,
): readonly Field[] | undefined => {
  const fields: Field[] = [];
  for (const { name, id } of wire.fields) {
    const own = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
    const read = own && find(own, id);
    if (own !== undefined && read === undefined) return undefined;
    fields.push(read === undefined ? { id } : { id, known: { name, read } });
  }
  return fields;
};

const structReader = (type: StructType, fields: readonly Field[], types: WireTypes): Read => {
  const ownFields = Object.entries(type.fields);
  return (input) => {
    const value: Record<string, unknown> = {};
    for (const [name, field] of ownFields) value[name] = zeroOf(field);
    readFields(input, fields.length, (number) => {
      const { id, known } = fields[number] as Field;
      if (known === undefined) skipValue(input, id, types);
      else value[known.name] = known.read(input);
    });
    return value;
  };
};

const build = (type: GobType, wire: WireType, find: Find, types: WireTypes): Read | undefined => {
  if (type.kind !== (wire.kind === 'map' ? 'set' : wire.kind)) return undefined;
  switch (type.kind) {
    case 'struct': {
      const fields = fieldsOf(type, wire as WireType & { kind: 'struct' }, find);
      return fields && structReader(type, fields, types);
    }
    case 'slice': {
      const readElement = find(type.element, (wire as WireType & { kind: 'slice' }).element);
      return readElement && sliceReader(readElement);
    }
    case 'set': {
      const { key, element } = wire as WireType & { kind: 'map' };
      const readKey = find(type.element, key);
      return readKey && setReader(readKey, (input) => skipValue(input, element, types));
    }
    default:
      return BASIC_READERS[type.kind];
  }
};

/** By the peer's definitions: a struct's fields are found by their names, whatever their order. Each reader is built once. */
export const createReaders = (types: WireTypes): Find => {
  const known = new Map<GobType, Map<number, Read | undefined>>();
  const find: Find = (type, id) => {
    if (type.kind === 'pointer') return find(type.element, id);
    const byId = known.get(type) ?? new Map<number, Read | undefined>();
    known.set(type, byId);
    if (!byId.has(id)) byId.set(id, build(type, types(id), find, types));
    return byId.get(id);
  };
  return find;
};
