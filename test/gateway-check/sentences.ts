/** What goim-job does: its own tests show it. */
const OURS = 'goim-job’s part';
/** Freedom, advice, or a word on what another sentence says. */
const ASKS_NOTHING = 'asks nothing of a gateway';

/** Each sentence of docs/comet-api.yaml, and the checks of it, or why it has none. */
export const checksBySentence: Readonly<Record<string, readonly string[] | string>> = {
  'A comet (gateway) holds client connections.': ASKS_NOTHING,
  'goim-job sends it ops in log order, at least once, one request at a time for a partition’s batch.': OURS,
  'Requests of different partitions may overlap.': ['order-overlap', 'load'],
  'Apply the ops of one request in their order, as far as they share a key or a room, and finish one request before you answer it: the next one is sent after the answer.':
    ['order-key', 'order-room', 'order-all', 'finished'],
  'After a crash or a time-out the same op comes again, with the same `id`; up to an hour later, if the comet was away so long.':
    ['repeat', 'gone-away'],
  'A gateway that wants each op once remembers the ids of the last hour, each with its op’s `timestamp`: a topic that was deleted and created again begins at offset 0 once more, so an id may come with another message.':
    ['recreated'],
  'Both equal: it is the same op.': ['repeat-others'],
  'An id is unique for one comet: an op of type `room` or `all` goes to several comets with the same id, so comets that share a store of ids have the comet in the key.':
    'seen only with two comets of one store',
  'A request has at most 4 MiB (4,194,304 bytes) and 1000 ops.': ['largest-request', 'thousand-ops'],
  'Set your server’s limit to that: nginx takes 1 MiB by default (`client_max_body_size`), Express 100 kB (`express.json({ limit })`).':
    ['largest-request'],
  'What is answered 413 comes again, and holds up what is behind it.': OURS,
  'A body has at most 1 MiB before base64, the keys of an op 2 MiB as JSON, a room 4,096 bytes.': [
    'largest-body',
    'largest-arrives',
    'most-keys',
    'longest-room',
  ],
  'A request is never compressed and has a `Content-Length`.': OURS,
  'Status, `Content-Type: application/json` (a charset does no harm) and a body: at most 1 MiB for ops, 16 MiB and a million names for rooms, as they are before any compression; gzip, deflate and br are taken.':
    ['content-type', 'rooms-type', 'answer-size', 'encoding'],
  'A redirect is not followed: it is a failure, like each status that is not in this document.': ['statuses'],
  'What the API does not know in a request is to be ignored, so that it can grow; goim-job ignores it in an answer.':
    ['unknown'],
  'A call gets 3 s, shared evenly by the comet’s addresses; all calls of one batch get 5 s; `GET /v1/rooms` gets 0.8 s.':
    ['load', 'rooms-deadline', 'rooms-load'],
  'Who answers later is taken for failed: the ops come again, whether they were applied or not.': OURS,
  'A comet that fails is left alone for a while and gets what it missed in order, before anything newer.':
    OURS,
  'An op that fails alone three times, while the comet takes others, becomes a dead letter.': OURS,
  'HTTP/1.1, kept alive.': ['kept'],
  'goim-job does not use a connection again that has rested for 4 s; a gateway, and any proxy before it, keeps idle ones for longer, say 60 s, so that none is closed under a request.':
    ['rested'],
  'One that was closed while it rested costs one more attempt, of the same request, over a new one.': OURS,
  '`http://` or `https://`, with a base path if you like: of `http://10.0.0.5:8080/push` goim-job asks `/push/v1/ops`.':
    'the URL that gateway-check is given',
  'The same comet may have several addresses; they are tried in order.': OURS,
  'Ops before `done` are dealt with: delivered, or named in `refused`.': ['once', 'bytes', 'empty-arrives'],
  'Those from `done` on are undelivered and come again.': ['once'],
  'An op whose connections are not there is dealt with.': ['absent', 'names'],
  'The request is not of this form.': [
    'no-json',
    'no-ops',
    'no-list',
    'no-object',
    'unknown-type',
    'no-keys',
    'no-room',
  ],
  'Its ops come again.': ['broken-applied', 'token-applied'],
  'The bearer token is missing or wrong.': ['no-token', 'wrong-token', 'other-scheme'],
  'The request is larger than the comet takes.': ['too-large'],
  'Asked once a second, and up to five times while rooms change.': OURS,
  'A second request beside those says `wait=10` (RFC 7240), and may be answered at once, as if without it.': [
    'unknown',
  ],
  'A gateway that heeds it leaves it unanswered while the list is the one that `If-None-Match` names, for so many seconds at most, and then says `Preference-Applied: wait`.':
    ASKS_NOTHING,
  'So a room’s first member gets its messages after some 0.3 s, and not a second later.': ASKS_NOTHING,
  'Answer 304 while the list is the one that `If-None-Match` names.': [
    'rooms-unchanged',
    'rooms-other',
    'rooms-changed',
  ],
  'A comet whose list did not come for 5 s gets the messages of every room.': OURS,
  'The whole list, in any order.': ['rooms-form', 'rooms-whole', 'rooms-names', 'rooms-joined', 'rooms-left'],
  'A room that is missing here gets no message from now on; for 30 s after it was there, it still does.':
    OURS,
  'Names this list; without it the list is sent each second.': ['rooms-changed'],
  '`null` counts as an empty list.': ASKS_NOTHING,
  'The list is unchanged.': ['rooms-unchanged'],
  'The token of this fleet, if it has one.': ['no-token'],
  'After a 401 it is read again, and the request made once more if it has changed.': OURS,
  'Not now.': 'nothing makes a gateway say so',
  'The comet is left alone as long as `Retry-After` says, up to 60 s; what comes meanwhile is parked, in order.':
    OURS,
  'Each partition of the topic may ask once.': OURS,
  'Without the header it is asked again after 0.2 s, then 0.4 s, and so on up to 5 s.': OURS,
  'Seconds, or a date of HTTP (`Thu, 26 Nov 2026 12:00:30 GMT`).': ['retry-after'],
  '`topic/partition/offset` of the record, at most 300 characters; the same when the op comes again.': [
    'longest-id',
  ],
  'The operation of goim’s packet header.': ['numbers'],
  'A client of goim says which it accepts; goim’s comets give it only those of type `push` and `all`, and everything of its room.':
    ['operation'],
  'A gateway whose clients say nothing of the kind need not filter.': ASKS_NOTHING,
  'The message, without a packet header; base64 with padding (RFC 4648, section 4).': ['bytes'],
  'May be empty.': ['empty-body', 'empty-arrives'],
  'When the record was produced, ms since 1970.': ['numbers'],
  'To the named connections.': ['push', 'push-only'],
  'A key that is not here is passed over.': ['push'],
  'A key may come twice.': ['key-twice'],
  'To every connection in the room.': ['room', 'room-only'],
  'To every connection.': ['all'],
  'Connections a second, this comet’s share; 0 is unlimited.': ['all', 'numbers'],
  'It may be ignored.': ASKS_NOTHING,
  'Who paces answers at once and keeps the order: a later op must not overtake what waits.': [
    'pace',
    'pace-order',
  ],
  'How many ops of the request are dealt with, from its first on.': ['absent', 'thousand-ops'],
  'More than were sent makes the whole answer count for nothing, and its ops come again.': ['absent'],
  'Absent or `null`: none.': ASKS_NOTHING,
  'Ops before `done` that this comet will never take; each becomes a dead letter.': ['refused'],
  'Not for what may go well later: leave that at or after `done`, or answer 503.':
    'a gateway alone knows what may go well later',
  'Its place in the request’s `ops`.': ['refused'],
  'Why; kept in the dead letter (256 characters of it).': ['refused'],
};
