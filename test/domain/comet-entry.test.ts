import { describe, expect, it } from 'vitest';
import { readEntries } from '../../lib/domain/comet-entry.ts';

const entry = (id: string, ...addresses: string[]) => ({ id, addresses });

describe('readEntries', () => {
  it.each([
    'http://a',
    'https://a:8443/base',
    'http://user:secret@a/base/',
    'grpc://10.0.0.5:3109',
    'grpc://a:3109/',
    'grpcs://a:3109',
    'gorpc://a:8092',
    'gorpc://a:8092?bodies=any',
    'gorpc://a:8092?bodies=json',
  ])('takes %s', (address) => {
    expect(readEntries([entry('c', address)])).toEqual({ comets: [entry('c', address)], refused: [] });
  });

  const NOT_ADDRESS = 'is not an http, https, grpc, grpcs or gorpc URL';
  const QUERY = 'has a query or a fragment';
  it.each([
    ['', NOT_ADDRESS],
    ['a:3109', NOT_ADDRESS],
    ['tcp@a:8092', NOT_ADDRESS],
    ['ftp://a', NOT_ADDRESS],
    ['http://', NOT_ADDRESS],
    ['grpc://', NOT_ADDRESS],
    ['javascript:alert(1)', NOT_ADDRESS],
    ['grpc://x:notaport', NOT_ADDRESS],
    ['http://h:1/gw?x=1', QUERY],
    ['https://h/#top', QUERY],
    ['grpc://h:1?x=1', QUERY],
    ['http://h:0', 'has port 0'],
    ['grpc://h:0', 'has port 0'],
    ['grpc://h:1/gw', 'has a path, which RPC does not know'],
    ['grpcs://user@h:1', 'has a user, whom RPC does not know'],
    ['gorpc://h:1/rpc', 'has a path, which RPC does not know'],
    ['gorpc://a', 'has no port'],
    ['gorpc://a:8092?bodies=none', 'has another query than bodies=json or bodies=any'],
    ['gorpc://a:8092?body=any', 'has another query than bodies=json or bodies=any'],
    ['gorpc://a:8092?bodies=any#x', 'has another query than bodies=json or bodies=any'],
  ])('refuses %o, which %s, and the comet that has nothing else', (address, problem) => {
    const { comets, refused } = readEntries([entry('c', address), entry('d', 'http://d')]);
    expect(comets).toEqual([entry('d', 'http://d')]);
    expect(refused).toEqual([{ id: 'c', problem: `address 1 ${problem}` }]);
  });

  it('leaves a comet its good addresses, and reports that there were bad ones', () => {
    expect(readEntries([entry('c', 'nonsense', 'http://c', 'tcp://c')])).toEqual({
      comets: [entry('c', 'http://c')],
      refused: [
        {
          id: 'c',
          problem:
            'address 1 is not an http, https, grpc, grpcs or gorpc URL, address 3 is not an http, https, grpc, grpcs or gorpc URL',
        },
      ],
    });
  });

  it('never repeats an address, which may hold a password', () => {
    expect(JSON.stringify(readEntries([entry('c', 'ftp://user:secret@c')]).refused)).not.toContain('secret');
  });

  it('takes an id of exactly 1024 bytes', () => {
    const whole = entry('é'.repeat(512), 'http://c');
    expect(readEntries([whole])).toEqual({ comets: [whole], refused: [] });
  });

  it.each<[string, string, string]>([
    ['half a character', '\ud800', 'the id is not Unicode text'],
    ['an empty id', '', 'the id is empty'],
    ['the key of the header', '#fleet', 'the id starts with #'],
    ['an id over 1024 bytes', 'é'.repeat(513), 'the id is over 1024 bytes'],
  ])('refuses %s', (_, id, problem) => {
    expect(readEntries([entry(id, 'http://c')])).toEqual({ comets: [], refused: [{ id, problem }] });
  });

  it('refuses a comet without addresses', () => {
    expect(readEntries([entry('c')]).refused).toEqual([{ id: 'c', problem: 'it has no address' }]);
  });

  it('takes an id once', () => {
    expect(readEntries([entry('c', 'http://one'), entry('c', 'http://two')])).toEqual({
      comets: [entry('c', 'http://one')],
      refused: [{ id: 'c', problem: 'the id is named twice' }],
    });
  });

  it('keeps the zone', () => {
    expect(readEntries([{ ...entry('c', 'http://c'), zone: 'sh001' }]).comets[0]?.zone).toBe('sh001');
  });
});
