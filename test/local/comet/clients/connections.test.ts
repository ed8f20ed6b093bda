import { describe, expect, it } from 'vitest';
import { type Connection, createConnections } from '../../../../local/comet/clients/connections.ts';

const fakeConnection = (key: string, room = '', accepts = [1000], fast = true) => {
  const got: string[] = [];
  const closedFor: string[] = [];
  const connection: Connection = {
    key,
    room,
    accepts: new Set(accepts),
    send: (packet) => {
      if (fast) got.push(`${Buffer.from(packet)}`);
      return fast;
    },
    close: (reason) => closedFor.push(reason),
  };
  return { connection, got, closedFor };
};

const joined = (...fakes: { connection: Connection }[]) => {
  const connections = createConnections();
  for (const { connection } of fakes) connections.add(connection);
  return connections;
};

const PACKET = Buffer.from('packet');

describe('connections', () => {
  it('pushes to the keys it is told, if they accept the operation', () => {
    const [a, b, c] = [fakeConnection('a'), fakeConnection('b', '', [1]), fakeConnection('c')];
    joined(a, b, c).push(['a', 'b', 'nobody'], 1000, PACKET);
    expect([a.got, b.got, c.got]).toEqual([['packet'], [], []]);
  });

  it("sends a room's packet to all its members, whatever they accept", () => {
    const [a, b, c] = [fakeConnection('a', 'r'), fakeConnection('b', 'r', []), fakeConnection('c', 'other')];
    joined(a, b, c).toRoom('r', PACKET);
    expect([a.got, b.got, c.got]).toEqual([['packet'], ['packet'], []]);
  });

  it('broadcasts to those that accept the operation, in a room or not', () => {
    const [a, b, c] = [fakeConnection('a', 'r'), fakeConnection('b'), fakeConnection('c', '', [1])];
    joined(a, b, c).toAll(1000, PACKET);
    expect([a.got, b.got, c.got]).toEqual([['packet'], ['packet'], []]);
  });

  it('closes and forgets the older connection of a key', () => {
    const [older, newer] = [fakeConnection('a', 'old room'), fakeConnection('a', 'r')];
    const connections = joined(older, newer);
    connections.push(['a'], 1000, PACKET);
    connections.toRoom('old room', PACKET);
    expect(older).toMatchObject({ got: [], closedFor: [expect.any(String)] });
    expect(newer).toMatchObject({ got: ['packet'], closedFor: [] });
    expect(connections.rooms()).toEqual(['r']);
  });

  it('keeps the newer connection of a key when the older one goes', () => {
    const [older, newer] = [fakeConnection('a', 'r'), fakeConnection('a', 'r')];
    const connections = joined(older, newer);
    connections.remove(older.connection);
    connections.push(['a'], 1000, PACKET);
    expect(newer.got).toEqual(['packet']);
    expect(connections.onlineIn('r')).toBe(1);
  });

  it('lists the rooms that have a connection, sorted', () => {
    const [a, b, c] = [fakeConnection('a', 'z'), fakeConnection('b', 'b'), fakeConnection('c', '')];
    const connections = joined(a, b, c);
    expect(connections.rooms()).toEqual(['b', 'z']);
    connections.remove(a.connection);
    expect(connections.rooms()).toEqual(['b']);
  });

  it('keeps a room until its last member leaves', () => {
    const [a, b] = [fakeConnection('a', 'r'), fakeConnection('b', 'r')];
    const connections = joined(a, b);
    connections.remove(a.connection);
    expect([connections.rooms(), connections.onlineIn('r')]).toEqual([['r'], 1]);
    connections.changeRoom(b.connection, '');
    expect([connections.rooms(), connections.onlineIn('r')]).toEqual([[], 0]);
  });

  it('moves a connection from one room to another', () => {
    const a = fakeConnection('a', 'r');
    const connections = joined(a);
    connections.changeRoom(a.connection, 's');
    connections.toRoom('r', Buffer.from('to r'));
    connections.toRoom('s', Buffer.from('to s'));
    expect(a.got).toEqual(['to s']);
    expect(connections.rooms()).toEqual(['s']);
  });

  it('has nobody online in no room', () => {
    expect(joined(fakeConnection('a', '')).onlineIn('')).toBe(0);
  });

  it('counts what each type delivered and what slow connections did not take', () => {
    const connections = joined(fakeConnection('a', 'r'), fakeConnection('b', 'r', [1000], false));
    connections.push(['a'], 1000, PACKET);
    connections.toRoom('r', PACKET);
    connections.toAll(1000, PACKET);
    expect(connections.delivered).toEqual({ push: 1, room: 1, all: 1, slow: 2 });
  });
});
