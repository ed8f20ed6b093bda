import { describe, expect, it } from 'vitest';
import { NAMED_CHANGES_BYTES, NAMED_CHANGES_PASSES } from '../../lib/domain/limits.ts';
import { changedRooms, createNameChanges, type RoomChanges } from '../../lib/domain/room-changes.ts';

const set = (...rooms: string[]): Set<string> => new Set(rooms);

/** What a merge says in passes that change these rooms. */
const said = (...passes: readonly ReadonlySet<string>[]): RoomChanges[] => passes.map(createNameChanges('m'));

const lastOf = (passes: readonly RoomChanges[]): RoomChanges | undefined => passes.at(-1);

describe('the changes that a header names', () => {
  it('are those since a pass, also if the headers between were never seen', () => {
    const passes = said(set(), set('r'), set(), set('s', 't'), set('r'));
    const drop = passes.map((before) => changedRooms(before, lastOf(passes)));
    expect(drop).toEqual([set('r', 's', 't'), set('s', 't', 'r'), set('s', 't', 'r'), set('r'), set()]);
  });

  it('say nothing of what was read under no header, or under that of another merge', () => {
    const now = lastOf(said(set(), set(), set('r')));
    expect(changedRooms(undefined, now)).toBeUndefined();
    expect(changedRooms(now, undefined)).toBeUndefined();
    expect(changedRooms(createNameChanges('another')(set()), now)).toBeUndefined();
  });

  it('of the first pass have no names: what was read before it was read under another merge', () => {
    expect(lastOf(said(set('r')))).toEqual({ merge: 'm', pass: 1, since: 1, roomsByPass: new Map() });
  });

  it('cost nothing while there are none', () => {
    const passes = said(...Array.from({ length: 1_000 }, () => set()));
    expect(lastOf(passes)).toEqual({ merge: 'm', pass: 1_000, since: 1, roomsByPass: new Map() });
  });

  it('are those of the last passes', () => {
    const quiet = Array.from({ length: NAMED_CHANGES_PASSES - 1 }, () => set());
    const kept = said(set(), set('r'), ...quiet);
    expect(changedRooms(kept[0], lastOf(kept))).toEqual(set('r'));
    const passes = said(set(), set('r'), ...quiet, set());
    expect(changedRooms(passes[0], lastOf(passes))).toBeUndefined();
    expect(changedRooms(passes[1], lastOf(passes))).toEqual(set());
  });

  it('are at most so many bytes: before what does not fit, any may have changed', () => {
    const long = 'é'.repeat(NAMED_CHANGES_BYTES / 4);
    const fit = said(set(), set(`${long}`), set(`${long}`));
    expect(changedRooms(fit[0], lastOf(fit))).toEqual(set(long));
    const passes = said(set(), set(long), set(long), set('r'));
    expect(changedRooms(passes[0], lastOf(passes))).toBeUndefined();
    expect(changedRooms(passes[1], lastOf(passes))).toEqual(set(long, 'r'));
  });

  it('are left out by a pass that has too many, and named again after it', () => {
    const many = new Set(Array.from({ length: NAMED_CHANGES_BYTES }, (_, i) => `${i}`));
    const passes = said(set(), set('r'), many, set('s'));
    expect(passes[2]?.roomsByPass).toEqual(new Map());
    expect(changedRooms(passes[1], passes[2])).toBeUndefined();
    expect(changedRooms(passes[2], passes[3])).toEqual(set('s'));
  });
});
