import type { WholeLetterAnswer } from '../../answers.ts';

export const VIEWS = { text: 'Text', json: 'JSON', hex: 'Hex', letter: 'Whole letter' } as const;
export type View = keyof typeof VIEWS;

const LINE_BYTES = 16;
/** More of it no one reads, and a page of it takes seconds to lay out. */
const MAX_HEX_BYTES = 64 * 1024;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The op's body, or the record's value; undefined: there is none that is base64. */
const bodyOf = (original: unknown): Uint8Array | undefined => {
  const { body, value } = (original ?? {}) as { body?: unknown; value?: unknown };
  const base64 = body ?? value;
  if (typeof base64 !== 'string') return undefined;
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
};

const hexLine = (bytes: Uint8Array, at: number): string => {
  const line = [...bytes.subarray(at, at + LINE_BYTES)];
  const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const text = line.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
  return `${at.toString(16).padStart(6, '0')}  ${hex.padEnd(LINE_BYTES * 3)} ${text}`;
};

const hexOf = (bytes: Uint8Array): string => {
  const shown = bytes.subarray(0, MAX_HEX_BYTES);
  const lines = Array.from({ length: Math.ceil(shown.length / LINE_BYTES) }, (_, line) =>
    hexLine(shown, line * LINE_BYTES),
  );
  const left = bytes.length - shown.length;
  return [...lines, ...(left === 0 ? [] : [`… ${left} bytes more`])].join('\n');
};

const indented = (value: unknown): string => JSON.stringify(value, undefined, 2);

const bodyAs = (view: Exclude<View, 'letter'>, body: Uint8Array): string => {
  const text = new TextDecoder().decode(body);
  switch (view) {
    case 'text':
      return text;
    case 'json': {
      const value = parse(text);
      return value === undefined ? 'It is no JSON.' : indented(value);
    }
    case 'hex':
      return hexOf(body);
  }
};

/** A letter, or the body of its message, as text of that kind. */
export const contentAs = (view: View, letter: WholeLetterAnswer): string => {
  const original = parse(letter.original);
  if (view === 'letter') return indented({ ...letter, original: original ?? letter.original });
  const body = bodyOf(original);
  return body === undefined ? 'There is no body that is base64: see the whole letter.' : bodyAs(view, body);
};
