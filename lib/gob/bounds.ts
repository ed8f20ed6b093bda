const KIB = 1024;

/** Type definitions of one connection, all together; those of goim's comets take 500 bytes. */
export const MAX_DEFINITIONS_BYTES = 64 * KIB;
/** Structs, slices and maps within each other; goim's go 3 deep, and a peer's type may contain itself. */
export const MAX_DEPTH = 32;
/** Elements of one slice or map: a million rooms, each of them named by four buckets. */
export const MAX_ELEMENTS = 4_000_000;
/** A number, so that twice its amount is still exact: gob doubles integers to hold their sign. */
export const MAX_NUMBER = 2 ** 52 - 1;
