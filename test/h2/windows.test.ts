import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Connection } from '../../lib/h2/connection.ts';
import { bodyOf, requestOf } from './calling.ts';
import { answer, FLAG, readFrames, type Seen, settings, TYPE, windowUpdate } from './frames.ts';
import { MemorySocket } from './memory-socket.ts';

const DEFAULT_WINDOW = 65_535;
const step = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), bytes: fc.oneof(fc.nat(100), fc.nat(200_000)) }),
  fc.record({ kind: fc.constant('grant' as const), bytes: fc.integer({ min: 1, max: 90_000 }) }),
  fc.record({
    kind: fc.constant('grantStream' as const),
    bytes: fc.integer({ min: 1, max: 90_000 }),
    pick: fc.nat(),
  }),
  fc.record({ kind: fc.constant('resize' as const), bytes: fc.nat(150_000) }),
);
const steps = fc.array(step, { minLength: 1, maxLength: 30 });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Got {
  window: number;
  bytes: number;
  isWhole: boolean;
}

/** A connection, and its peer's own books: what it has allowed, and what came. */
class Rig {
  readonly streams = new Map<number, Got>();
  readonly sentBytes: number[] = [];
  answered = 0;
  private window = DEFAULT_WINDOW;
  private initial = DEFAULT_WINDOW;
  private readonly socket = new MemorySocket();
  private readonly connection = new Connection(this.socket.asSocket());
  private readonly read = readFrames((seen) => this.onFrame(seen));

  say(bytes: Buffer): void {
    this.connection.receive(bytes, bytes.length);
  }

  /** What the client has said until now. */
  async listen(): Promise<void> {
    await new Promise(setImmediate);
    for (const piece of this.socket.written.splice(0)) this.read(piece);
  }

  take(taken: Step): void {
    switch (taken.kind) {
      case 'send':
        this.sentBytes.push(taken.bytes);
        this.connection.request(
          requestOf(() => this.answered++, { body: bodyOf(Buffer.alloc(taken.bytes)) }),
        );
        return;
      case 'grant':
        this.window += taken.bytes;
        this.say(windowUpdate(0, taken.bytes));
        return;
      case 'grantStream':
        this.grantStream(taken.bytes, taken.pick);
        return;
      case 'resize':
        for (const one of this.streams.values()) one.window += taken.bytes - this.initial;
        this.initial = taken.bytes;
        this.say(settings([4, taken.bytes]));
        return;
    }
  }

  private grantStream(bytes: number, pick: number): void {
    const open = [...this.streams].filter(([, { isWhole }]) => !isWhole);
    const picked = open[pick % open.length];
    if (picked === undefined) return;
    picked[1].window += bytes;
    this.say(windowUpdate(picked[0], bytes));
  }

  private onFrame({ type, flags, stream, payload }: Seen): void {
    const isWhole = (flags & FLAG.endStream) !== 0;
    if (type === TYPE.headers) this.streams.set(stream, { window: this.initial, bytes: 0, isWhole });
    if (type !== TYPE.data) return;
    const got = this.streams.get(stream) as Got;
    this.window -= payload.length;
    got.window -= payload.length;
    got.bytes += payload.length;
    got.isWhole = isWhole;
    expect(Math.min(this.window, got.window)).toBeGreaterThanOrEqual(0);
  }
}

test('no more is ever sent than the peer allows, and all of it once it does', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const rig = new Rig();
      rig.say(settings());
      for (const one of taken) {
        rig.take(one);
        await rig.listen();
      }
      rig.take({ kind: 'resize', bytes: 300_000 });
      rig.take({ kind: 'grant', bytes: 2 ** 30 });
      await rig.listen();
      expect([...rig.streams.values()].map(({ bytes, isWhole }) => [bytes, isWhole])).toEqual(
        rig.sentBytes.map((bytes) => [bytes, true]),
      );
      for (const stream of rig.streams.keys()) rig.say(answer(stream));
      expect(rig.answered).toBe(rig.sentBytes.length);
    }),
    { numRuns: 150 },
  );
});
