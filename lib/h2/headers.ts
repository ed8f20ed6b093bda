import type { Field, Fields } from './hpack/field.ts';

/** A header block of a response, or its trailers. The same block may give the same object. */
export interface Headers {
  /** `:status`; 0 if there is none, as in trailers. */
  readonly status: number;
  /** Fields of one name are joined by `, `. */
  readonly fields: ReadonlyMap<string, string>;
  /** Against RFC 9113, 8.2 and 8.3: the stream is of no use. */
  readonly isMalformed: boolean;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const NO_VALUE = /[\0\r\n]/;
const STATUS = /^[1-9]\d\d$/;

const isGoodField = ([name, value]: Field): boolean => NAME.test(name) && !NO_VALUE.test(value);

export const readHeaders = (list: Fields): Headers => {
  const fields = new Map<string, string>();
  let status = 0;
  let isMalformed = false;
  for (const field of list) {
    const [name, value] = field;
    if (name.startsWith(':')) {
      // The only one of a response, once and before all others.
      isMalformed ||= name !== ':status' || !STATUS.test(value) || status > 0 || fields.size > 0;
      status = Number(value);
      continue;
    }
    isMalformed ||= !isGoodField(field);
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status, fields, isMalformed };
};
