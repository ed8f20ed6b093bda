/** Keys that were added, kept as 64 bits each: of 10 million, two look the same with a chance of 3 in a million. */
export interface Seen {
  /** False if it was there. */
  add(key: string): boolean;
}

const FIRST_SLOTS = 1 << 16;

export const createSeen = (): Seen => {
  let slots = FIRST_SLOTS;
  let highs = new Uint32Array(slots);
  let lows = new Uint32Array(slots);
  let size = 0;

  const insert = (high: number, low: number): boolean => {
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & (slots - 1);
    for (;;) {
      const there = highs[slot];
      if (there === 0) break;
      if (there === high && lows[slot] === low) return false;
      slot = (slot + 1) & (slots - 1);
    }
    highs[slot] = high;
    lows[slot] = low;
    return true;
  };

  const grow = (): void => {
    const [oldHighs, oldLows] = [highs, lows];
    slots *= 2;
    highs = new Uint32Array(slots);
    lows = new Uint32Array(slots);
    for (const [i, high] of oldHighs.entries()) if (high !== 0) insert(high, oldLows[i] as number);
  };

  return {
    add: (key) => {
      // cyrb53, with all 64 bits kept: https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js
      let a = 0xdeadbeef;
      let b = 0x41c6ce57;
      for (let i = 0; i < key.length; i++) {
        const code = key.charCodeAt(i);
        a = Math.imul(a ^ code, 2654435761);
        b = Math.imul(b ^ code, 1597334677);
      }
      a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
      b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
      if (!insert(a >>> 0 || 1, b >>> 0)) return false;
      size += 1;
      if (size * 2 > slots) grow();
      return true;
    },
  };
};
