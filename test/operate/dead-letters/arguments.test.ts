import { describe, expect, test } from 'vitest';
import { readLetterArguments } from '../../../operate/dead-letters/arguments.ts';

const commandOf = (...args: string[]) => readLetterArguments(args)?.command;
const placeOf = (...args: string[]) => readLetterArguments(['list', ...args])?.place;

describe('dead-letters', () => {
  test('reads each command', () => {
    expect(commandOf('list')).toEqual({ name: 'list', filter: {}, limit: Number.POSITIVE_INFINITY });
    expect(commandOf('list', '--reason', 'slow', '--comet', 'c', '--limit', '5')).toEqual({
      name: 'list',
      filter: { reason: 'slow', comet: 'c' },
      limit: 5,
    });
    expect(commandOf('show', 't/0/1#malformed')).toEqual({ name: 'show', id: 't/0/1#malformed' });
    expect(commandOf('replay')).toEqual({ name: 'replay', filter: {}, dryRun: false });
    expect(commandOf('replay', '--id', 'a', '--dry-run')).toEqual({
      name: 'replay',
      filter: { id: 'a' },
      dryRun: true,
    });
    expect(commandOf('purge', '--older-than', '1.5')).toEqual({
      name: 'purge',
      filter: { olderThanHours: 1.5 },
      confirmed: false,
    });
    expect(commandOf('purge', '--yes')).toMatchObject({ confirmed: true });
  });

  test('works on a stage in AWS, or on the local set where npm start was told to be', () => {
    expect(placeOf()).toEqual({ stage: 'dev' });
    expect(placeOf('--stage', 'prod')).toEqual({ stage: 'prod' });
    expect(placeOf('--local')).toEqual({ stage: 'dev', ports: { topic: 3100, tables: 3101, lambda: 3002 } });
    expect(placeOf('--local', '--port-base', '4100')?.ports).toEqual({
      topic: 4100,
      tables: 4101,
      lambda: 4002,
    });
  });

  test('helps', () => {
    expect(readLetterArguments(['--help'])).toBeUndefined();
    expect(readLetterArguments(['replay', '--help'])).toBeUndefined();
  });

  test.each([
    [[], 'say list, show, replay, purge'],
    [['toString'], 'say list, show, replay, purge'],
    [['list', 'more'], 'what is more?'],
    [['list', '--limit', '0'], '--limit is wrong: 0'],
    [['list', '--limit', 'x'], '--limit is wrong: x'],
    [['list', '--yes'], "Unknown option '--yes'"],
    [['show'], 'show needs the id'],
    [['show', ''], 'show needs the id'],
    [['show', 'a', 'b'], 'what is b?'],
    [['replay', '--yes'], "Unknown option '--yes'"],
    [['replay', 'a'], 'what is a?'],
    [['purge', '--older-than', '-1'], "'--older-than' argument is ambiguous"],
    [['purge', '--older-than=-1'], '--older-than is wrong: -1'],
    [['purge', '--older-than', ''], '--older-than is wrong'],
    [['purge', '--comet', 'a'], "Unknown option '--comet'"],
    [['list', '--port-base', '4100'], '--port-base goes with --local only'],
    [['list', '--local', '--port-base', '80'], '--port-base is not a whole number from'],
    [['list', '--stage', 'a b'], '--stage is not a name'],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readLetterArguments(args)).toThrow(message);
  });
});
