/** A Go type, as far as it is needed here: neither floats, booleans, arrays nor interfaces. */
export type GobType =
  | { readonly kind: 'int' | 'uint' | 'string' | 'bytes' }
  | { readonly kind: 'slice' | 'set'; readonly element: GobType }
  | { readonly kind: 'pointer'; readonly element: GobType }
  | StructType;

export interface StructType<Fields extends FieldTypes = FieldTypes> {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: Fields;
}

/** By name, in the order of their declaration. */
export type FieldTypes = Readonly<Record<string, GobType>>;

/** What a value of a Go type is in TypeScript. Numbers are whole and below 2^52; a set is a list, a nil pointer is undefined. */
export type ValueOf<T> = T extends { kind: 'int' | 'uint' }
  ? number
  : T extends { kind: 'string' }
    ? string
    : T extends { kind: 'bytes' }
      ? Uint8Array
      : T extends { kind: 'slice' | 'set'; element: infer Element }
        ? readonly ValueOf<Element>[]
        : T extends { kind: 'pointer'; element: infer Element }
          ? ValueOf<Element> | undefined
          : T extends { kind: 'struct'; fields: infer Fields extends FieldTypes }
            ? StructValue<Fields>
            : never;

/** Of a type that is known when it runs only, no more than that it is an object. */
type StructValue<Fields extends FieldTypes> = string extends keyof Fields
  ? Readonly<Record<string, unknown>>
  : { readonly [Name in keyof Fields]: ValueOf<Fields[Name]> };

/** Of every width. */
export const INT = { kind: 'int' } as const;
export const UINT = { kind: 'uint' } as const;
export const STRING = { kind: 'string' } as const;
/** `[]byte`. */
export const BYTES = { kind: 'bytes' } as const;

export const slice = <Element extends GobType>(element: Element) => ({ kind: 'slice', element }) as const;

/** `map[Element]struct{}`: as a list, since a million elements of a `Map` cost ten times the time. */
export const set = <Element extends GobType>(element: Element) => ({ kind: 'set', element }) as const;

export const pointer = <Element extends GobType>(element: Element) => ({ kind: 'pointer', element }) as const;

export const struct = <const Fields extends FieldTypes>(name: string, fields: Fields) =>
  ({ kind: 'struct', name, fields }) as const;

const NO_BYTES = Buffer.alloc(0);

/** What a type has where nothing was sent. */
export const zeroOf = (type: GobType): unknown => {
  switch (type.kind) {
    case 'int':
    case 'uint':
      return 0;
    case 'string':
      return '';
    case 'bytes':
      return NO_BYTES;
    case 'slice':
    case 'set':
      return [];
    case 'pointer':
      return undefined;
    case 'struct':
      return Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, zeroOf(field)]));
  }
};
