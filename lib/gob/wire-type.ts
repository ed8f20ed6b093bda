import { INT, pointer, STRING, slice, struct, type ValueOf } from './type.ts';

/** How gob describes types: as values of types that every peer knows (https://pkg.go.dev/encoding/gob). */
const COMMON = struct('CommonType', { Name: STRING, Id: INT });
const FIELD = struct('fieldType', { Name: STRING, Id: INT });
const OPAQUE = struct('gobEncoderType', { CommonType: COMMON });

export const WIRE_TYPE = struct('wireType', {
  ArrayT: pointer(struct('arrayType', { CommonType: COMMON, Elem: INT, Len: INT })),
  SliceT: pointer(struct('sliceType', { CommonType: COMMON, Elem: INT })),
  StructT: pointer(struct('structType', { CommonType: COMMON, Field: slice(FIELD) })),
  MapT: pointer(struct('mapType', { CommonType: COMMON, Key: INT, Elem: INT })),
  GobEncoderT: pointer(OPAQUE),
  BinaryMarshalerT: pointer(OPAQUE),
  TextMarshalerT: pointer(OPAQUE),
});
export type Definition = ValueOf<typeof WIRE_TYPE>;

/** Types that nobody defines. */
export const BASIC_ID = { bool: 1, int: 2, uint: 3, float: 4, bytes: 5, string: 6, complex: 7 } as const;
export const WIRE_TYPE_ID = 16;
export const FIRST_ID = 65;

/** What a type id stands for on a connection. */
export type WireType =
  | { readonly kind: keyof typeof BASIC_ID }
  /** A type that encodes itself, into bytes. */
  | { readonly kind: 'opaque' }
  | { readonly kind: 'slice'; readonly element: number }
  | { readonly kind: 'array'; readonly element: number }
  | { readonly kind: 'map'; readonly key: number; readonly element: number }
  | { readonly kind: 'struct'; readonly fields: readonly WireField[] };

export interface WireField {
  readonly name: string;
  readonly id: number;
}

/** Undefined: a kind of type that is not known. */
export const wireTypeOf = (definition: Definition): WireType | undefined => {
  const { ArrayT, SliceT, StructT, MapT, GobEncoderT, BinaryMarshalerT, TextMarshalerT } = definition;
  if (StructT !== undefined)
    return { kind: 'struct', fields: StructT.Field.map(({ Name, Id }) => ({ name: Name, id: Id })) };
  if (SliceT !== undefined) return { kind: 'slice', element: SliceT.Elem };
  if (MapT !== undefined) return { kind: 'map', key: MapT.Key, element: MapT.Elem };
  if (ArrayT !== undefined) return { kind: 'array', element: ArrayT.Elem };
  return (GobEncoderT ?? BinaryMarshalerT ?? TextMarshalerT) === undefined ? undefined : { kind: 'opaque' };
};
