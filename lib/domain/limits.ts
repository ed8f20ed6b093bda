/** Every bound in one place; each name carries its unit, each comment its reason. */
const KIB = 1024;
const MIB = 1024 * KIB;

/** A message body. The producer of goim's logic sends records of 1,000,000 bytes at most, Kafka's brokers take 1 MiB. */
export const MAX_BODY_BYTES = MIB;
/** All keys of one op as JSON: with the largest body beside them, an op is under the 4 MiB that one call to a comet takes. */
export const MAX_KEYS_BYTES = 2 * MIB;
/** A comet's id; a sort key of DynamoDB is 1024 bytes at most. */
export const MAX_ID_BYTES = KIB;
/** A room's id; nobody can join a longer one, for goim's comets take no packet over 4096 bytes from a client. */
export const MAX_ROOM_BYTES = 4 * KIB;
/** The room of a `Rooms` item, a partition key of DynamoDB. A longer one is in no table, and goes to every comet. */
export const MAX_ROOM_KEY_BYTES = 2 * KIB;
/** An Invoke payload, encoded; Lambda takes 6 MB. */
export const MAX_DELIVERY_BYTES = 5_500_000;
/** Ops in one `POST /v1/ops`, so that one slow op holds few others up. */
export const MAX_REQUEST_OPS = 1000;
/** One `POST /v1/ops`; larger ones cost the comet memory and save nothing. */
export const MAX_REQUEST_BYTES = 4 * MIB;
/** A comet's answer to `POST /v1/ops`: 1000 refusals of 1 KiB. */
export const MAX_REPLY_BYTES = MIB;
/** Messages of one raw packet to a stock comet: a whole batch for one room is one call, and one place in each connection's queue. */
export const MAX_PACKET_MESSAGES = 1000;
/** One raw packet; a comet's gRPC takes 4 MiB, keys and room included. */
export const MAX_PACKET_BYTES = MIB;
/** Calls to one stock comet in flight. */
export const MAX_COMET_CALLS = 64;
/** A comet's room list, about a million short rooms. */
export const MAX_ROOMS_REPLY_BYTES = 16 * MIB;
/** Ops of one parked run as JSON, before they are deflated. A larger op is a run by itself. */
export const MAX_RUN_BYTES = 300 * KIB;
/** A parked run, deflated: an item of DynamoDB is 400 KiB at most, its key and names with it. A larger op cannot be parked. */
export const MAX_RUN_ITEM_BYTES = 396 * KIB;
/** Letters of one op's slow keys, each with its body; beyond, one letter holds all of the keys. */
export const MAX_SLOW_LETTERS_BYTES = 4 * MIB;
/** Parked ops that one turn reads, as JSON; and what one run may come to, so that no item can fill the memory. */
export const MAX_TURN_BYTES = 4 * MIB;
/** Rooms of one comet; the merge keeps all of them in memory, half a GiB a million. */
export const MAX_COMET_ROOMS = 1_000_000;
/** Records of one event, the most that an event source can be set to. */
export const MAX_EVENT_RECORDS = 10_000;
/** Part of a dead letter; an item of DynamoDB is 400 KB at most. */
export const MAX_PART_BYTES = 300 * KIB;

/** One call to a comet, all its addresses together. */
export const COMET_CALL_MS = 3_000;
/** All chunks of a comet and batch. */
export const DELIVERY_MS = 5_000;
/** `deliver`'s own limit in serverless.yml is 15 s; a client that gave up earlier would not know the outcome. */
export const INVOKE_CLIENT_MS = 20_000;
/** A room's calls to a gRPC comet, and its broadcasts: a comet's workers swap what arrives closer together (none of 1 ms and more, measured). */
export const ROOM_GAP_MS = 1;
/** Calls of one room that may follow each other that closely: with as many broadcasts they fill a connection's queue of 10. */
export const ROOM_BURST_CALLS = 5;
/** Between a room's calls after such a burst: half as often as a connection that is written to each 5 ms takes them. */
export const ROOM_CALL_EVERY_MS = 10;
/** Before a connection whose queue was full is tried again: four places of its queue at one packet in 5 ms. */
export const FULL_RETRY_MS = 20;
/** An HTTP connection that rested this long is not used again: under the 5 s after which Node's servers close one. */
export const IDLE_CONNECTION_MS = 4_000;
/** A comet that says "not now" is left alone as long as it asks, up to this: what is parked for it waits for an hour at most. */
export const MAX_RETRY_AFTER_MS = 60_000;
/** A gRPC connection that rested this long is not used again: half of the 60 s after which stock comets close one. */
export const GRPC_IDLE_MS = 30_000;
/** A connection to a goim v1 comet, likewise: the comet keeps it for ever, what lies between may not. */
export const GORPC_IDLE_MS = 30_000;
/** Keys of one `MPushMsgs`: a call holds up whatever follows for any of its keys, and is repeated whole. */
export const MAX_BUNDLE_KEYS = 64;
/** Bodies of one `MPushMsgs`, for the same reason; one that is larger alone gets a call of its own. */
export const MAX_BUNDLE_BYTES = 64 * KIB;
/** Calls of one lane of a goim v1 comet that may follow each other closely: a room's, broadcasts and a key's together fill a connection's queue of 80. */
export const GORPC_ROOM_BURST_CALLS = 20;
export const GORPC_KEY_BURST_CALLS = 40;
/** Between calls after such a burst: all three together as often as a connection that is written to each 5 ms takes them. */
export const GORPC_ROOM_CALL_EVERY_MS = 20;
export const GORPC_KEY_CALL_EVERY_MS = 10;
/** To read a secret once: what a delivery has left then is enough for a call to its comet. */
export const SECRET_CALL_MS = 2_000;
/** Between two reads of a secret that is refused. */
export const SECRET_AGAIN_MS = 5_000;
/** To open a connection, to AWS as to a comet of the same VPC. */
export const CONNECT_MS = 1_000;
/** `Rooms` of one comet: under the merge interval, so that a pass ends before the next begins. */
export const ROOMS_CALL_MS = 800;
/** Comets that a pass begins to ask between two turns of the event loop. A thousand at once all wait in memory, which the collector copies again and again. */
export const ROOMS_ASKS_A_TURN = 10;
/** Between merge passes. */
export const MERGE_INTERVAL_MS = 1_000;
/** Between passes, and between questions to one comet, while rooms change: half of what a room's first member waits is left for the header. */
export const MERGE_EARLY_MS = 200;
/** A pass that begins early begins after so many times what the last one took: passes are a quarter of the time at most. */
export const MERGE_EARLY_REST = 4;
/** How long a comet is asked to wait for its rooms to change: under what proxies allow, and long enough to cost nothing beside the asking each second. */
export const ROOMS_WAIT_S = 10;
/** Comets that are asked so: a connection more each, of a sandbox's 1,024 file descriptors. */
export const MAX_WATCHED_COMETS = 300;
/** The merge ends this long before Lambda would stop it: a pass, and the release of its lease. */
export const MERGE_END_MS = 30_000;
/** A merge that starts waits for an owner that ends this soon; the schedule's next one comes within it. */
export const HANDOVER_MS = 90_000;
/** Room items that one pass puts, so that its header is not late; the rest waits for the next pass. */
export const MAX_ROOM_WRITES = 10_000;
/** A pass starts no room write after this long, for the same reason. */
export const ROOM_WRITES_MS = 2_000;
/** Rooms that one pass looks at for `expiresAt`; a million take 17 minutes. */
export const ROOM_EXPIRY_VISITS = 1_000;
/** Between two writings-out of the merge's metrics: less than half of what its alarm waits. */
export const MERGE_FLUSH_MS = 60_000;

/** Invokes that one function has begun and that are not late; more are no faster. */
export const MAX_INVOKES = 50;
/** What they hold of their payloads. */
export const MAX_IN_FLIGHT_BYTES = 64_000_000;
/** A comet that has not taken its ops after this long gives its place to the next one: 50 each 0.1 s, so that nobody queues behind comets that hang. */
export const LATE_CALL_MS = 100;
/** Comets of one `dispatch` that are called at once, the late ones too; Lambda gives a sandbox 1,024 file descriptors. */
export const MAX_OPEN_CALLS = 800;
/** What they hold of their payloads. An Invoke holds a block; a call from `dispatch` itself all: with what else that holds, half of its 1 GB. */
export const MAX_OPEN_BYTES = 192_000_000;

/** Payloads of Invokes that one `dispatch` has whole in memory: a batch of PUSH has fewer. Beyond, each is made twice, block by block: to sign it, and as it is sent. */
export const MAX_WHOLE_BYTES = 16_000_000;
export const MAX_BLOCK_BYTES = 64 * KIB;

/** Comets whose ops one `dispatch` parks at once: all of 800 within 2 s, three requests each. */
export const PARKS_IN_FLIGHT = 20;
/** What `dispatch` needs after its last call: dead letters, parked runs, marks. */
export const SETTLE_MS = 12_000;

/** Partitions that one wake names; an Event's first 256 KB cost one request. */
export const MAX_WAKE_PARTITIONS = 500;
/** To wake `redeliver`: Lambda only takes the event in. */
export const WAKE_CALL_MS = 3_000;
/** Partitions of one comet that `redeliver` works on at once. */
export const REDELIVER_PARTITIONS = 8;
/** Ops of one redelivery call: as many as one `POST /v1/ops` takes. */
export const REDELIVER_OPS = 1000;
/** Between probes of a comet that fails: the first, and the longest. */
export const PROBE_FIRST_MS = 200;
export const PROBE_LAST_MS = 5_000;
/** Between looks, in that time, at whether the comet answers `mergeRooms` again; a read unit each. */
export const PROBE_LOOK_MS = 500;
/**
 * One delivery to a comet that does not answer `mergeRooms` either: one that begins before the comet is back may be silent for ever, and
 * is in the way of the next. Of so many one has its whole time, for a comet that is slow in both.
 */
export const PROBE_SILENT_MS = 1_000;
export const PROBE_WHOLE_EVERY = 4;
/** How often a redelivery renews its lease, takes in what it was woken for and looks where its comet is. */
export const REDELIVER_RENEW_MS = 1_000;
/** A comet that has caught up is not let go yet: a batch that saw it behind may park once more, and takes about as long. */
export const REDELIVER_LINGER_MS = 2_000;
/** Meanwhile, how often a redelivery takes in what it was woken for. */
export const REDELIVER_LISTEN_MS = 100;
/** How often it writes its metrics out. */
export const REDELIVER_FLUSH_MS = 60_000;
/** A redelivery ends this long before Lambda would stop it: one turn, with what it writes. */
export const REDELIVER_END_MS = 30_000;
/** An op that fails alone this often, while the comet takes others, is refused. */
export const REFUSED_AFTER_FAILURES = 3;
/** Ops that are tried, one after the other, to see whether a comet that fails on one takes another. */
export const PROOF_TRIES = 3;
/** Parked ops are given up after this long. */
export const PARKED_MAX_AGE_S = 3600;
/** Between two looks of the merge at what waits for comets that come and go; a read unit, while nobody is behind. */
export const SWEEP_INTERVAL_MS = 5_000;
/** An op for a comet that is not in the fleet is given up this long after it was parked, or after the comet left. */
export const GONE_AFTER_S = 60;

/** How long `dispatch` uses a header: a part of what a room's first member waits, for a read unit each and 4 KB of header. */
export const VIEW_TTL_MS = 200;
/** Rooms that `dispatch` keeps, estimated in memory: some 100,000. */
export const MAX_VIEW_BYTES = 32 * MIB;
/** Names of changed rooms in the header: with 20 comets it stays one read unit, 4 KB. */
export const NAMED_CHANGES_BYTES = 3_000;
/** Passes whose changes the header names, 6 s of them at least: a sandbox that had no batch for longer reads its rooms again. */
export const NAMED_CHANGES_PASSES = 30;
/** A list that is older says nothing about which rooms are not there. */
export const ROOMS_FRESH_MS = 5_000;
/** A comet leaves a room after this long without it: a restarted comet's members are coming back. */
export const ROOM_GRACE_S = 30;
/** A comet leaves the fleet after this long absent from good answers. */
export const FLEET_GRACE_S = 10;

/** How often the table that names the fleet is read: a unit a read and 4 KB, 8 of its items. */
export const REGISTRY_READ_MS = 5_000;
/** A comet's item outlives its leaving for as long as a parked op may wait for it. */
export const LEFT_COMET_KEPT_S = 3600;
/** A room item that no merge has refreshed for this long is of no use. */
export const ROOM_KEPT_S = 7 * 24 * 3600;

/** One request to DynamoDB, which answers within 20 ms when it is well. */
export const STORE_CALL_MS = 3_000;
/** From its start, how long a write that was given up may still arrive: the call itself and 7 s on the way. */
export const WRITE_LIFE_MS = 10_000;
/** Reads, and what DynamoDB throttled or left unprocessed, are asked for this often in all. */
export const STORE_ATTEMPTS = 4;
/** Before the second attempt; doubled each time, with jitter. */
export const STORE_BACK_OFF_MS = 50;
/** Batch requests of one call in flight, a fifth of the client's sockets. */
export const STORE_BATCHES_IN_FLIGHT = 10;
/** A lease; renewed each turn, it passes to another owner this long after its owner died. */
export const LEASE_MS = 30_000;
/** How far two sandboxes' clocks may differ. */
export const CLOCK_MARGIN_MS = 1_000;

/** Keys of one BatchGet, and items of one BatchWrite (DynamoDB's limits). */
export const BATCH_GET_KEYS = 100;
export const BATCH_WRITE_ITEMS = 25;
/** Dead letters are kept for 14 days. */
export const DEAD_LETTER_KEPT_S = 14 * 24 * 3600;
/** Dead letters are written for this long; then the batch fails and comes again. */
export const STORE_WRITES_MS = 5_000;
