/** What one connection holds or does for its peer at most; each with its reason. */
const KIB = 1024;
const MIB = 1024 * KIB;

/** A frame's payload, both ways: what every peer must take, and we never allow more (RFC 9113, 6.5.2). */
export const MAX_FRAME_BYTES = 16 * KIB;
/** What a peer may send ahead, on a stream and on the connection: 16 MiB take 16 round trips, not 256. */
export const WINDOW_BYTES = MIB;
/** A header block as it comes, and its fields as SETTINGS_MAX_HEADER_LIST_SIZE counts them: a block can name a large entry often. */
export const MAX_HEADERS_BYTES = 64 * KIB;
/** CONTINUATION frames of one block; they may be empty, so bytes alone bound nothing (CVE-2024-27316). */
export const MAX_CONTINUATIONS = 100;
/** HPACK's tables, the peer's and ours: its default, enough for a few header lists that come again. */
export const HEADER_TABLE_BYTES = 4 * KIB;
/** Header blocks whose meaning is remembered; peers have a handful of answers. */
export const MAX_REMEMBERED_BLOCKS = 64;
/** Answers to PING and SETTINGS that the peer has not taken (CVE-2019-9512, CVE-2019-9515); one read of ours has at most 7,000. */
export const MAX_UNSENT_ACKS = 10_000;
/** Frames in a row that bring no stream forward: empty, unknown, late, or of the connection (CVE-2019-9518). */
export const MAX_IDLE_FRAMES = 20_000;
/** Of bodies, what waits in the socket; the rest waits where it is, however wide the peer's windows are. */
export const MAX_UNSENT_BYTES = 256 * KIB;
/** How long a closing socket may take to say goodbye to a peer that does not read. */
export const CLOSE_MS = 1_000;
/** One read, and one write, at most: some hundreds of small answers or calls. */
export const BUFFER_BYTES = 64 * KIB;
/** Write buffers that are kept: one to fill while another is on its way. */
export const MAX_SPARE_BUFFERS = 2;
/** RFC 9113, 5.1.1 and 6.9.1. */
export const MAX_STREAM_ID = 2 ** 31 - 1;
export const MAX_PEER_WINDOW = 2 ** 31 - 1;
