import type { Call } from '../../domain/coalesce.ts';
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_KEYS } from '../../domain/limits.ts';
import type { Op } from '../../domain/op.ts';
import { HEADER_BYTES } from '../../domain/packet.ts';

/** Calls that go out as one, in their order: one of any type, or several pushes. */
export interface Bundle {
  readonly calls: readonly Call[];
  /** Places of the earlier bundles that share a key or the room with it, or are broadcasts as it is. */
  readonly after: readonly number[];
}

/** A bundle that takes more. */
interface OpenBundle {
  readonly place: number;
  readonly calls: Call[];
  readonly after: Set<number>;
  keys: number;
  bytes: number;
}

/** Each key gets a copy of its own; from base64 alone. */
const bytesOf = ({ indexes }: Call, keys: number, ops: readonly Op[]): number =>
  keys *
  indexes.reduce((sum, index) => sum + HEADER_BYTES + Buffer.byteLength(ops[index]?.body ?? '', 'base64'), 0);

/** Whether a call, which must come after these, may be the next one of the bundle. */
const fits = (bundle: OpenBundle, keys: number, bytes: number, after: readonly number[]): boolean =>
  bundle.keys + keys <= MAX_BUNDLE_KEYS &&
  bundle.bytes + bytes <= MAX_BUNDLE_BYTES &&
  after.every((place) => place <= bundle.place);

/** Puts pushes together, in their order, to as many as one call may carry; each other call is a bundle by itself. */
export const bundle = (calls: readonly Call[], ops: readonly Op[]): Bundle[] => {
  const bundles: OpenBundle[] = [];
  const placeByCall: number[] = [];
  let open: OpenBundle | undefined;

  const add = (call: Call, into: OpenBundle, after: readonly number[]): void => {
    into.calls.push(call);
    for (const place of after) if (place !== into.place) into.after.add(place);
    placeByCall.push(into.place);
  };
  const begin = (): OpenBundle => {
    const begun = { place: bundles.length, calls: [], after: new Set<number>(), keys: 0, bytes: 0 };
    bundles.push(begun);
    return begun;
  };
  for (const call of calls) {
    const after = call.after.map((earlier) => placeByCall[earlier] as number);
    const keys = call.like.type === 'push' ? call.like.keys.length : 0;
    const bytes = bytesOf(call, keys, ops);
    const mayJoin = keys > 0 && keys <= MAX_BUNDLE_KEYS && bytes <= MAX_BUNDLE_BYTES;
    if (!mayJoin) {
      add(call, begin(), after);
      continue;
    }
    if (open === undefined || !fits(open, keys, bytes, after)) open = begin();
    add(call, open, after);
    open.keys += keys;
    open.bytes += bytes;
  }
  return bundles.map(({ calls: inside, after }) => ({ calls: inside, after: [...after] }));
};

/** Each call by itself, for a comet that takes no more than one target a call. */
export const unbundled = (calls: readonly Call[]): Bundle[] =>
  calls.map((call) => ({ calls: [call], after: call.after }));
