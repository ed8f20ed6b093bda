const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** 64 bits of FNV-1a in hex: tells key lists apart where the keys themselves must not be seen. */
export const keysDigest = (keys: readonly string[]): string => {
  let hash = OFFSET_BASIS;
  for (const byte of Buffer.from(JSON.stringify(keys))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  }
  return hash.toString(16).padStart(16, '0');
};
