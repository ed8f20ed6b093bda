interface Accepted {
  readonly file: string;
  /** The line that is broken, as it stands. */
  readonly line: string;
  readonly becomes: string;
  readonly reason: string;
}

const FASTER = 'The same comes out, later or from more memory.';
const TYPED = 'For the type alone: what it keeps out gives the same without it.';

/** Breaks that no test finds, and need not. */
export const ACCEPTED: readonly Accepted[] = [
  {
    file: 'lib/domain/batch.ts',
    line: 'if (ops.length > 0 && ops.length <= maxOps && total <= maxBytes) return [{ ops, bytes: total }];',
    becomes: 'false',
    reason: FASTER,
  },
  {
    file: 'lib/domain/batch.ts',
    line: 'if (ops.length > 0 && ops.length <= maxOps && total <= maxBytes) return [{ ops, bytes: total }];',
    becomes: 'ops.length < maxOps',
    reason: FASTER,
  },
  {
    file: 'lib/domain/batch.ts',
    line: 'if (ops.length > 0 && ops.length <= maxOps && total <= maxBytes) return [{ ops, bytes: total }];',
    becomes: 'total < maxBytes',
    reason: FASTER,
  },
  {
    file: 'lib/domain/batch.ts',
    line: 'const total = ops.reduce((sum, { bytes }) => sum + bytes + 1, 0);',
    becomes: '() => undefined',
    reason: FASTER,
  },
  {
    file: 'lib/domain/batch.ts',
    line: 'const now = back.length === 0 ? ops : ops.filter((op) => !isHeld(comet, op));',
    becomes: 'false',
    reason: FASTER,
  },
  {
    file: 'lib/domain/batch.ts',
    line: "end += payload.write(op.json, end, op.bytes === op.json.length ? 'latin1' : 'utf8');",
    becomes: 'false',
    reason: FASTER,
  },
  {
    file: 'lib/domain/batch.ts',
    line: "end += payload.write(op.json, end, op.bytes === op.json.length ? 'latin1' : 'utf8');",
    becomes: '""',
    reason: FASTER,
  },
  {
    file: 'lib/domain/batch.ts',
    line: "end += payload.write(',', end, 'latin1');",
    becomes: '""',
    reason: FASTER,
  },
  {
    file: 'lib/domain/batch.ts',
    line: 'isHeld: (comet: Comet, op: EncodedOp) => boolean = () => false,',
    becomes: '() => undefined',
    reason: TYPED,
  },
  {
    file: 'lib/domain/coalesce.ts',
    line: 'a === b || (a.length === b.length && a.every((key, index) => key === b[index]));',
    becomes: 'false',
    reason: FASTER,
  },
  {
    file: 'lib/domain/coalesce.ts',
    line: 'return (like as RoomOp).room === op.room;',
    becomes: 'true',
    reason: 'A room’s last call is found by its room, so it is of that room.',
  },
  {
    file: 'lib/domain/coalesce.ts',
    line: 'last !== undefined &&',
    becomes: 'true',
    reason: TYPED,
  },
  {
    file: 'lib/domain/dead-letter.ts',
    line: "dropped.keys === undefined || op.type !== 'push'",
    becomes: 'false',
    reason: TYPED,
  },
  {
    file: 'lib/domain/delivery-payload.ts',
    line: "const isInt32 = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value;",
    becomes: 'true',
    reason: TYPED,
  },
  {
    file: 'lib/domain/delivery-payload.ts',
    line: 'default:',
    becomes: 'default:',
    reason: 'Nothing is false too.',
  },
  {
    file: 'lib/domain/delivery-payload.ts',
    line: "case 'delivered':",
    becomes: '""',
    reason: 'What is delivered is in neither list, whether it is passed over or unknown.',
  },
  {
    file: 'lib/domain/fleet-changes.ts',
    line: '({ id, leftAt }) => leftAt !== undefined && !named.has(id) && at - leftAt >= LEFT_COMET_KEPT_S * 1000,',
    becomes: 'true',
    reason: TYPED,
  },
  {
    file: 'lib/domain/comet-rooms.ts',
    line: '!left && askedAt !== undefined && at - askedAt <= ROOMS_FRESH_MS && pending.size === 0;',
    becomes: 'true',
    reason: TYPED,
  },
  {
    file: 'lib/domain/give-up.ts',
    line: 'const isGone = goneSince !== undefined && now - Math.max(parkedAt, goneSince) > GONE_AFTER_S * 1000;',
    becomes: 'true',
    reason: TYPED,
  },
  {
    file: 'lib/domain/hold-back.ts',
    line: 'behind.size > 0 && behind.has(placeOf(partitionName(coordinatesOf(op.id)), id));',
    becomes: 'true',
    reason: FASTER,
  },
  {
    file: 'lib/domain/hold-back.ts',
    line: 'behind.size > 0 && behind.has(placeOf(partitionName(coordinatesOf(op.id)), id));',
    becomes: 'behind.size >= 0',
    reason: FASTER,
  },
  {
    file: 'lib/domain/lanes.ts',
    line: "return ['all'];",
    becomes: '""',
    reason: 'Another name for a lane that no key and no room has.',
  },
  {
    file: 'lib/domain/packet.ts',
    line: 'into.writeInt32BE(HEADER_BYTES + bodyBytes, start + AT.packetBytes);',
    becomes: 'start - AT.packetBytes',
    reason: 'The field is the first: its place is 0.',
  },
  {
    file: 'lib/domain/push-message.ts',
    line: "const [topic = '', partition, offset] = id.split('/');",
    becomes: '"Stryker was here!"',
    reason: TYPED,
  },
  {
    file: 'lib/domain/room-servers.ts',
    line: 'this.#forgetIfEmpty(id, comet);',
    becomes: ';',
    reason: FASTER,
  },
  {
    file: 'lib/domain/room-servers.ts',
    line: '#forgetIfEmpty(id: string, { left, absentSince }: CometRooms): void {',
    becomes: '{}',
    reason: FASTER,
  },
  {
    file: 'lib/domain/room-servers.ts',
    line: 'if (left && absentSince.size === 0) this.#cometById.delete(id);',
    becomes: 'false',
    reason: FASTER,
  },
  {
    file: 'lib/domain/room-servers.ts',
    line: 'if (left && absentSince.size === 0) this.#cometById.delete(id);',
    becomes: ';',
    reason: FASTER,
  },
  {
    file: 'lib/domain/room-servers.ts',
    line: 'const plan = { add: [], drop: [] };',
    becomes: '["Stryker was here"]',
    reason: 'Takes away a comet that nobody has.',
  },
  {
    file: 'lib/domain/room-servers.ts',
    line: 'for (let visit = 0; visit < visits; visit++) {',
    becomes: 'visit <= visits',
    reason: 'A look at one room more.',
  },
  {
    file: 'lib/domain/route.ts',
    line: 'if (known !== undefined) return known;',
    becomes: 'false',
    reason: FASTER,
  },
  {
    file: 'lib/domain/route.ts',
    line: 'routeByRoom.set(room, route);',
    becomes: ';',
    reason: FASTER,
  },
  {
    file: 'lib/domain/waiting.ts',
    line: 'if (partition === undefined) return undefined;',
    becomes: 'false',
    reason: TYPED,
  },
];
