import { expect, test } from 'vitest';
import { createRouting } from '../../lib/dispatch/routing.ts';
import type { PushMessage, Target } from '../../lib/domain/push-message.ts';
import type { RoomRouting } from '../../lib/domain/route.ts';

const COMETS = new Map([['a', { id: 'a', addresses: ['http://a'] }]]);

const messageTo = (target: Target, offset: number): PushMessage => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 1,
  target,
  operation: 1,
  body: '',
});

const setUp = (roomRouting: RoomRouting = 'table') => {
  const loads: { readonly rooms: string[]; readonly afresh: boolean | undefined }[] = [];
  const route = createRouting({
    view: {
      load: async (rooms, options) => {
        loads.push({ rooms: [...rooms], afresh: options?.afresh });
        return { comets: COMETS, fresh: new Set(['a']), cometsByRoom: new Map() };
      },
    },
    roomRouting,
  });
  return { loads, route: (...targets: Target[]) => route(targets.map(messageTo)) };
};

const room = (name: string): Target => ({ type: 'room', room: name });
const pushTo = (comet: string): Target => ({ type: 'push', comet, keys: ['k'] });

test('looks up every room of a batch at once, each once', async () => {
  const { loads, route } = setUp();
  await route(pushTo('a'), room('r1'), room('r2'), room('r1'));
  expect(loads).toEqual([{ rooms: ['r1', 'r2'], afresh: false }]);
});

test('looks up no room where rooms are not routed by the table', async () => {
  const { loads, route } = setUp('all');
  const [routed] = await route(room('r1'));
  expect(loads).toEqual([{ rooms: [], afresh: false }]);
  expect(routed?.comets).toEqual([COMETS.get('a')]);
});

test('looks nothing up for no messages', async () => {
  const { loads, route } = setUp();
  expect(await route()).toEqual([]);
  expect(loads).toEqual([]);
});

test('looks once more, past the cache, for a comet that is not known', async () => {
  const { loads, route } = setUp();
  await route(pushTo('gone'), room('r1'));
  expect(loads).toEqual([
    { rooms: ['r1'], afresh: false },
    { rooms: ['r1'], afresh: true },
  ]);
});

test('takes messages to a comet that is not in the fleet as for one and the same', async () => {
  const { route } = setUp();
  const [first, second, other] = await route(pushTo('gone'), pushTo('gone'), pushTo('gone too'));
  expect(first?.comets[0]).toBe(second?.comets[0]);
  expect([first?.comets, other?.comets]).toEqual([
    [{ id: 'gone', addresses: [] }],
    [{ id: 'gone too', addresses: [] }],
  ]);
});
