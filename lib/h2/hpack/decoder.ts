import { CODE } from '../code.ts';
import { HEADER_TABLE_BYTES, MAX_HEADERS_BYTES, MAX_REMEMBERED_BLOCKS } from '../limits.ts';
import { violation } from '../violation.ts';
import { BlockReader } from './block-reader.ts';
import { DynamicTable } from './dynamic-table.ts';
import { type Field, type Fields, fieldBytes } from './field.ts';
import { STATIC_TABLE } from './static-table.ts';

/** RFC 7541, 6: what a field begins with. */
const INDEXED = 0x80;
const WITH_INDEXING = 0x40;
const SIZE_UPDATE = 0x20;
/** More bytes of 7 bits are more than a number holds exactly. */
const MAX_KEY_BYTES = 7;

/** The header blocks of one connection, in the order they come; `read` makes of a block's fields what is wanted of them. */
export class Decoder<T> {
  private readonly read: (fields: Fields) => T;
  private readonly table = new DynamicTable();
  private readonly reader = new BlockReader();
  /** By block, of those that only point into the tables: such a block changes nothing, and means the same until one does. */
  private readonly known = new Map<number, T>();

  constructor(read: (fields: Fields) => T) {
    this.read = read;
  }

  /** Throws a violation, after which the connection is of no use. */
  decode(bytes: Buffer, start: number, end: number): T {
    const key = this.keyOf(bytes, start, end);
    const known = key === 0 ? undefined : this.known.get(key);
    if (known !== undefined) return known;
    this.reader.load(bytes, start, end);
    const decoded = this.read(this.fields());
    if (key !== 0 && this.known.size < MAX_REMEMBERED_BLOCKS) this.known.set(key, decoded);
    return decoded;
  }

  /** A number for a short block of indexes that have one byte each; 0 for others. */
  private keyOf(bytes: Buffer, start: number, end: number): number {
    if (end - start > MAX_KEY_BYTES) return 0;
    let key = 0;
    for (let at = start; at < end; at++) {
      const index = (bytes[at] as number) - INDEXED;
      if (index <= 0 || index === 0x7f) return 0;
      key = key * 0x80 + index;
    }
    return key;
  }

  private fields(): Field[] {
    const fields: Field[] = [];
    let bytes = 0;
    for (let byte = this.reader.peek(); byte !== undefined; byte = this.reader.peek()) {
      if (byte < WITH_INDEXING && byte >= SIZE_UPDATE) {
        this.resize(fields.length);
        continue;
      }
      const field = this.field(byte);
      bytes += fieldBytes(field);
      if (bytes > MAX_HEADERS_BYTES) throw violation(CODE.enhanceYourCalm, 'too many headers');
      fields.push(field);
    }
    return fields;
  }

  private field(byte: number): Field {
    if (byte >= INDEXED) return this.indexed(this.reader.integer(7));
    if (byte < WITH_INDEXING) return this.literal(4);
    const field = this.literal(6);
    this.known.clear();
    this.table.add(field);
    return field;
  }

  private literal(prefixBits: number): Field {
    const index = this.reader.integer(prefixBits);
    const name = index === 0 ? this.reader.string() : this.indexed(index)[0];
    return [name, this.reader.string()];
  }

  private indexed(index: number): Field {
    const field = STATIC_TABLE[index - 1] ?? this.table.at(index - 1 - STATIC_TABLE.length);
    if (field === undefined) throw violation(CODE.compression, 'an index points nowhere');
    return field;
  }

  private resize(fieldsBefore: number): void {
    const maxBytes = this.reader.integer(5);
    if (fieldsBefore > 0) throw violation(CODE.compression, 'a table size comes after a field');
    if (maxBytes > HEADER_TABLE_BYTES) throw violation(CODE.compression, 'a table size is not allowed');
    this.known.clear();
    this.table.resize(maxBytes);
  }
}
