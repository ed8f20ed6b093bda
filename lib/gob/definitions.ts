import { type GobType, struct } from './type.ts';
import { BASIC_ID, type Definition, FIRST_ID } from './wire-type.ts';

/** A type's definition under its id. */
export interface Defined {
  readonly id: number;
  readonly definition: Definition;
}

const NONE: Definition = {
  ArrayT: undefined,
  SliceT: undefined,
  StructT: undefined,
  MapT: undefined,
  GobEncoderT: undefined,
  BinaryMarshalerT: undefined,
  TextMarshalerT: undefined,
};

const EMPTY = struct('', {});

/** What a peer has to be told of. */
type Described = Exclude<GobType, { kind: keyof typeof BASIC_ID | 'pointer' }>;

/** Gives types their ids, each once; `defined` grows by what a peer has to be told, the outer type before its parts. */
export const createDefinitions = (firstId: number = FIRST_ID) => {
  const idByType = new Map<GobType, number>();
  const defined: Defined[] = [];

  const define = (type: Described): number => {
    const id = firstId + defined.length;
    const place = defined.push({ id, definition: NONE }) - 1;
    idByType.set(type, id);
    defined[place] = { id, definition: definitionOf(type, id) };
    return id;
  };
  const definitionOf = (type: Described, id: number): Definition => {
    const CommonType = { Name: type.kind === 'struct' ? type.name : '', Id: id };
    switch (type.kind) {
      case 'slice':
        return { ...NONE, SliceT: { CommonType, Elem: idOf(type.element) } };
      case 'set':
        return { ...NONE, MapT: { CommonType, Key: idOf(type.element), Elem: idOf(EMPTY) } };
      case 'struct': {
        const Field = Object.entries(type.fields).map(([Name, field]) => ({ Name, Id: idOf(field) }));
        return { ...NONE, StructT: { CommonType, Field } };
      }
    }
  };
  const idOf = (type: GobType): number => {
    switch (type.kind) {
      case 'pointer':
        return idOf(type.element);
      case 'slice':
      case 'set':
      case 'struct':
        return idByType.get(type) ?? define(type);
      default:
        return BASIC_ID[type.kind];
    }
  };
  return { idOf, defined };
};
