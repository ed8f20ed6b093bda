import { HEADER_TABLE_BYTES } from '../limits.ts';
import { type Field, fieldBytes } from './field.ts';

/** RFC 7541, 2.3.2: the newest entry has the index 0 here; the oldest ones go when there is no room. */
export class DynamicTable {
  /** Oldest first. */
  private readonly entries: Field[] = [];
  private usedBytes = 0;
  private maxBytes = HEADER_TABLE_BYTES;

  at(index: number): Field | undefined {
    return this.entries[this.entries.length - 1 - index];
  }

  indexOf([name, value]: Field): number {
    const place = this.entries.findLastIndex((entry) => entry[0] === name && entry[1] === value);
    return place < 0 ? -1 : this.entries.length - 1 - place;
  }

  /** Whether it can be added and nothing is thrown out for it. */
  hasRoomFor(field: Field): boolean {
    return this.usedBytes + fieldBytes(field) <= this.maxBytes;
  }

  /** A field larger than the table empties it and is not kept. */
  add(field: Field): void {
    const bytes = fieldBytes(field);
    this.evict(this.maxBytes - bytes);
    if (bytes > this.maxBytes) return;
    this.entries.push(field);
    this.usedBytes += bytes;
  }

  resize(maxBytes: number): void {
    this.maxBytes = maxBytes;
    this.evict(maxBytes);
  }

  private evict(toBytes: number): void {
    while (this.usedBytes > toBytes && this.entries.length > 0)
      this.usedBytes -= fieldBytes(this.entries.shift() as Field);
  }
}
