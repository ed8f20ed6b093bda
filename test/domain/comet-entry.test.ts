import { describe, expect, it } from 'vitest';
import { readEntries } from '../../lib/domain/comet-entry.ts';

const entry = (id: string, ...addresses: string[]) => ({ id, addresses });

describe('readEntries', () => {
  it.each([
    'http://a',
    'https://a:8443/base',
    'grpc://10.0.0.5:3109',
    'grpcs://a:3109',
    'gorpc://a:8092',
    'gorpc://a:8092?bodies=any',
    'gorpc://a:8092?bodies=json',
  ])('takes %s', (address) => {
    expect(readEntries([entry('c', address)])).toEqual({ comets: [entry('c', address)], refused: [] });
  });

  it.each([
    '',
    'a:3109',
    'tcp@a:8092',
    'ftp://a',
    'http://',
    'grpc://',
    'javascript:alert(1)',
    'gorpc://a',
    'gorpc://a:8092?bodies=none',
    'gorpc://a:8092?body=any',
  ])('refuses %o, and the comet that has nothing else', (address) => {
    const { comets, refused } = readEntries([entry('c', address), entry('d', 'http://d')]);
    expect(comets).toEqual([entry('d', 'http://d')]);
    expect(refused.map(({ id }) => id)).toEqual(['c']);
  });

  it('leaves a comet its good addresses, and reports that there were bad ones', () => {
    expect(readEntries([entry('c', 'nonsense', 'http://c', 'tcp://c')])).toEqual({
      comets: [entry('c', 'http://c')],
      refused: [{ id: 'c', problem: '2 of 3 addresses are not http, https, grpc, grpcs or gorpc URLs' }],
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
