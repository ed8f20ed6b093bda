import { MAX_DEPTH } from './bounds.ts';
import { type Input, malformed, readBytes, readCount, readFields, skipUint } from './input.ts';
import type { WireType } from './wire-type.ts';

/** What the peer has said an id stands for. Throws a RangeError if it said nothing. */
export type WireTypes = (id: number) => WireType;

/** Passes over a value that nobody asks for. */
export const skipValue = (input: Input, id: number, types: WireTypes, depth = 0): void => {
  if (depth > MAX_DEPTH) throw malformed('values too deep within each other');
  const type = types(id);
  const skip = (inner: number): void => skipValue(input, inner, types, depth + 1);
  switch (type.kind) {
    case 'bool':
    case 'int':
    case 'uint':
    case 'float':
      skipUint(input);
      return;
    case 'complex':
      skipUint(input);
      skipUint(input);
      return;
    case 'bytes':
    case 'string':
    case 'opaque':
      readBytes(input);
      return;
    case 'slice':
    case 'array':
      for (let left = readCount(input); left > 0; left--) skip(type.element);
      return;
    case 'map':
      for (let left = readCount(input); left > 0; left--) {
        skip(type.key);
        skip(type.element);
      }
      return;
    case 'struct':
      readFields(input, type.fields.length, (field) => skip(type.fields[field]?.id ?? 0));
  }
};
