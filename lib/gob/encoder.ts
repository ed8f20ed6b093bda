import { createDefinitions, type Defined } from './definitions.ts';
import {
  createOutput,
  type Output,
  takeBytes,
  writeBytes,
  writeCounted,
  writeInt,
  writeString,
  writeUint,
} from './output.ts';
import type { FieldTypes, GobType, StructType, ValueOf } from './type.ts';
import { WIRE_TYPE } from './wire-type.ts';

type Fields = Readonly<Record<string, unknown>>;
type Items = readonly unknown[];

/** A struct's field is left out if it has this value; one that is a struct never is, as in Go. */
const isLeftOut = (type: GobType, value: unknown): boolean => {
  switch (type.kind) {
    case 'int':
    case 'uint':
      return value === 0;
    case 'string':
    case 'bytes':
    case 'slice':
    case 'set':
      return (value as { readonly length: number }).length === 0;
    case 'pointer':
      return value === undefined;
    case 'struct':
      return false;
  }
};

const namesByStruct = new WeakMap<FieldTypes, readonly (readonly [name: string, type: GobType])[]>();
const fieldsOf = ({ fields }: StructType): readonly (readonly [name: string, type: GobType])[] => {
  const known = namesByStruct.get(fields) ?? Object.entries(fields);
  namesByStruct.set(fields, known);
  return known;
};

const writeStruct = (output: Output, type: StructType, value: Fields): void => {
  let last = -1;
  let number = 0;
  for (const [name, field] of fieldsOf(type)) {
    const item = value[name];
    if (!isLeftOut(field, item)) {
      writeUint(output, number - last);
      writeValue(output, field, item);
      last = number;
    }
    number += 1;
  }
  writeUint(output, 0);
};

const writeValue = (output: Output, type: GobType, value: unknown): void => {
  switch (type.kind) {
    case 'int':
      writeInt(output, value as number);
      return;
    case 'uint':
      writeUint(output, value as number);
      return;
    case 'string':
      writeString(output, value as string);
      return;
    case 'bytes':
      writeBytes(output, value as Uint8Array);
      return;
    case 'pointer':
      writeValue(output, type.element, value);
      return;
    case 'struct':
      writeStruct(output, type, value as Fields);
      return;
    case 'slice':
      writeUint(output, (value as Items).length);
      for (const item of value as Items) writeValue(output, type.element, item);
      return;
    case 'set':
      writeUint(output, (value as Items).length);
      for (const item of value as Items) {
        writeValue(output, type.element, item);
        writeUint(output, 0);
      }
  }
};

/** One direction of one connection. */
export interface GobEncoder {
  /** Appends a value, behind the definitions of those of its types that the peer has not had yet. Throws a RangeError for a number that is not whole or too large; half of a value would spoil all that follow, so see `whole`. */
  write<T extends StructType>(type: T, value: ValueOf<T>): void;
  /** Takes back what `work` has written if it throws. */
  whole(work: () => void): void;
  /** What was written since the last time. */
  take(): Buffer;
}

/** Go's gob (https://pkg.go.dev/encoding/gob), as `net/rpc` writes it. */
export const createGobEncoder = (): GobEncoder => {
  const output = createOutput();
  const { idOf, defined } = createDefinitions();
  let told = 0;
  const writeMessage = (id: number, type: StructType, value: Fields): void =>
    writeCounted(output, () => {
      writeInt(output, id);
      writeStruct(output, type, value);
    });
  return {
    write: (type, value) => {
      const id = idOf(type);
      for (; told < defined.length; told++) {
        const { id: newId, definition } = defined[told] as Defined;
        writeMessage(-newId, WIRE_TYPE, definition);
      }
      writeMessage(id, type, value as Fields);
    },
    whole: (work) => {
      const [length, toldBefore] = [output.length, told];
      try {
        work();
      } catch (error) {
        output.length = length;
        told = toldBefore;
        throw error;
      }
    },
    take: () => takeBytes(output),
  };
};
