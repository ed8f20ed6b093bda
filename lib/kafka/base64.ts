/** Whether base64 is in full and with its padding: Node's decoder, which made `length` bytes of it, skips what it does not know, and cuts wide characters to 8 bits. */
export const isWhole = (base64: string, length: number): boolean =>
  base64.length % 4 === 0 &&
  length === Buffer.byteLength(base64, 'base64') &&
  base64.length === Buffer.byteLength(base64);
