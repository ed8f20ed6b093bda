import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roomList } from '../../../lib/comet/gorpc/room-list.ts';
import { sortInt32 } from '../../../lib/comet/gorpc/sort-int32.ts';

const anyId = fc.oneof(
  fc.integer(),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1),
);

test('ids are sorted as numbers, negative ones first', () => {
  fc.assert(
    fc.property(fc.array(anyId), (ids) => {
      expect([...sortInt32(new Int32Array(ids))]).toEqual(ids.toSorted((a, b) => a - b));
    }),
  );
});

test('a list of ids is what a set of their names is', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyId), anyId, fc.string(), (ids, other, text) => {
      const list = roomList(new Int32Array(ids).sort());
      const names = new Set(ids.map(String));
      expect(new Set(list)).toEqual(names);
      expect(list.size).toBe(names.size);
      for (const room of [...names, `${other}`, `0${other}`, ` ${other}`, text])
        expect(list.has(room), room).toBe(names.has(room));
    }),
  );
});
