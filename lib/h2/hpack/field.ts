/** Names are in lower case. The same list of a request must be the same array each time: its block is remembered by it. */
export type Field = readonly [name: string, value: string];
export type Fields = readonly Field[];

/** What RFC 7541, 4.1 adds to an entry for what a table costs beside its text. */
const ENTRY_BYTES = 32;
export const fieldBytes = ([name, value]: Field): number => name.length + value.length + ENTRY_BYTES;
