import { HEADER_TABLE_BYTES } from '../limits.ts';
import { DynamicTable } from './dynamic-table.ts';
import type { Field, Fields } from './field.ts';
import { STATIC_TABLE } from './static-table.ts';

/** RFC 7541, 5.1: a number in the last bits of a byte that begins with `flags`. */
const integer = (flags: number, prefixBits: number, value: number): number[] => {
  const prefix = (1 << prefixBits) - 1;
  if (value < prefix) return [flags | value];
  const bytes = [flags | prefix];
  let rest = value - prefix;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
};

const string = (text: string): number[] => [...integer(0, 7, text.length), ...Buffer.from(text, 'latin1')];

/**
 * For few lists of fields that come again and again: a list's first block puts its fields into the table, later ones point
 * there. What does not fit any more is written out each time, so nothing is ever thrown out; Huffman would save bytes once.
 */
export class Encoder {
  private table = new DynamicTable();
  private maxTableBytes = HEADER_TABLE_BYTES;
  private isResized = false;
  private blocks = new WeakMap<Fields, Buffer>();

  /** To be sent, each in its turn: the peer's table follows. */
  encode(fields: Fields): Buffer {
    const known = this.blocks.get(fields);
    if (known !== undefined) return known;
    const { blocks } = this;
    const sizes = this.isResized ? [...integer(0x20, 5, 0), ...integer(0x20, 5, this.maxTableBytes)] : [];
    this.isResized = false;
    const block = Buffer.from([...sizes, ...fields.flatMap((field) => this.field(field))]);
    if (sizes.length === 0 && blocks === this.blocks) blocks.set(fields, block);
    return block;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. The next block goes by 0, since the peer may have had several sizes meanwhile. */
  resize(maxBytes: number): void {
    this.maxTableBytes = Math.min(maxBytes, HEADER_TABLE_BYTES);
    this.isResized = true;
    this.table = new DynamicTable();
    this.table.resize(this.maxTableBytes);
    this.blocks = new WeakMap();
  }

  private field(field: Field): number[] {
    const [name, value] = field;
    const fixed = STATIC_TABLE.findIndex((entry) => entry[0] === name && entry[1] === value);
    if (fixed >= 0) return integer(0x80, 7, fixed + 1);
    const own = this.table.indexOf(field);
    if (own >= 0) return integer(0x80, 7, STATIC_TABLE.length + 1 + own);
    const named = STATIC_TABLE.findIndex((entry) => entry[0] === name) + 1;
    const literal = [...(named === 0 ? string(name) : []), ...string(value)];
    if (!this.table.hasRoomFor(field)) return [...integer(0, 4, named), ...literal];
    this.table.add(field);
    // Older entries have other indexes now.
    this.blocks = new WeakMap();
    return [...integer(0x40, 6, named), ...literal];
  }
}
