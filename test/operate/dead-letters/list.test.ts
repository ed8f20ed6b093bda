import { beforeEach, describe, expect, test } from 'vitest';
import { listLetters } from '../../../operate/dead-letters/list.ts';
import { purgeLetters } from '../../../operate/dead-letters/purge.ts';
import { showLetter } from '../../../operate/dead-letters/show.ts';
import { createProgress } from '../../../operate/terminal.ts';
import {
  box,
  DIED,
  opLetter,
  pushOp,
  recordLetter,
  SECRET_BODY,
  SECRET_KEY,
  useLetterBox,
} from './letter-box.ts';

const HOUR_MS = 3_600_000;
const ALL = Number.POSITIVE_INFINITY;

const letters = [
  opLetter(pushOp(1)),
  opLetter(pushOp(2), 'comet-2', 'gone'),
  { ...opLetter(pushOp(3), 'comet-1', 'slow'), id: 't/0/3#comet-1#slow#0' },
  recordLetter(4),
];

useLetterBox();
beforeEach(() => box.write(letters));

describe('list', () => {
  const list = async (filter: object, limit = ALL) => {
    const { out, err, terminal } = box.connect();
    await listLetters(box.letters, { filter, limit }, terminal);
    const end = out.indexOf('');
    return { lines: out.slice(0, end).sort(), totals: out.slice(end + 1), err };
  };

  test('has a line a letter: id, reason, place, comet, age and size', async () => {
    const { lines, totals, err } = await list({});
    const size = (index: number) => `${letters[index]?.original.length} B`;
    expect(lines).toEqual(
      [
        `t/0/1#comet-1#refused\trefused\tt/0/1\tcomet-1\t2h\t${size(0)}`,
        `t/0/2#comet-2#gone\tgone\tt/0/2\tcomet-2\t2h\t${size(1)}`,
        `t/0/3#comet-1#slow#0\tslow\tt/0/3\tcomet-1\t2h\t${size(2)}`,
        `t/0/4#malformed\tvalue-not-base64\tt/0/4\t-\t2h\t${size(3)}`,
      ].sort(),
    );
    expect(totals).toEqual(['1\tgone', '1\trefused', '1\tslow', '1\tvalue-not-base64', '4\tin all']);
    expect(err).toEqual([]);
  });

  test('names neither bodies nor keys', async () => {
    const said = JSON.stringify(await list({}));
    expect(said).not.toContain(SECRET_BODY);
    expect(said).not.toContain(SECRET_KEY);
  });

  test.each([
    [{ reason: 'gone' }, ['t/0/2#comet-2#gone']],
    [{ reason: 'malformed' }, ['t/0/4#malformed']],
    [{ reason: 'value-not-base64' }, ['t/0/4#malformed']],
    [{ comet: 'comet-1' }, ['t/0/1#comet-1#refused', 't/0/3#comet-1#slow#0']],
    [{ comet: 'comet-1', reason: 'slow' }, ['t/0/3#comet-1#slow#0']],
    [{ reason: 'no-such' }, []],
  ])('has only those asked for: %j', async (filter, ids) => {
    const { lines } = await list(filter);
    expect(lines.map((line) => line.split('\t')[0])).toEqual(ids);
  });

  test('ends at its limit and says that there are more', async () => {
    const limited = await list({}, 3);
    expect([limited.lines.length, limited.totals.at(-1)]).toEqual([3, '3\tin all']);
    expect(limited.err).toEqual(['there are more than --limit']);
    expect((await list({}, 4)).err).toEqual([]);
  });

  test('counts the parts of a large letter as one', async () => {
    await box.write([recordLetter(5, { value: 'x'.repeat(900_000) })]);
    const { lines } = await list({ reason: 'malformed' });
    expect(lines).toContain('t/0/5#malformed\tvalue-not-base64\tt/0/5\t-\t2h\t900012 B');
    expect(lines.length).toBe(2);
  });

  test('says what cannot be read and goes on', async () => {
    await box.put({ id: { S: 't/0/6#?' }, kind: { S: 'from-a-later-deploy' } });
    const { lines, err } = await list({});
    expect(lines.length).toBe(4);
    expect(err).toEqual(['cannot read t/0/6#?: its kind is unknown']);
  });

  test("gives a comet's id no line of its own", async () => {
    await box.write([opLetter(pushOp(7), 'a\nreplayed b\u001b[2J', 'gone')]);
    const { lines } = await list({ reason: 'gone' });
    expect(lines.length).toBe(2);
    expect(lines.join()).toContain('a\\u000areplayed b\\u001b[2J');
  });
});

describe('show', () => {
  const show = async (id: string) => {
    const { out, err, terminal } = box.connect();
    return { found: await showLetter(box.letters, id, terminal), out, err };
  };

  test('has all of one letter, its body too', async () => {
    const { found, out } = await show('t/0/1#comet-1#refused');
    expect(found).toBe(true);
    expect(JSON.parse(out.join('\n'))).toMatchObject({
      reason: 'refused',
      comet: 'comet-1',
      partition: 0,
      offset: 1,
      diedAt: new Date(DIED).toISOString(),
      original: pushOp(1),
    });
  });

  test('joins the parts', async () => {
    const original = { value: 'é'.repeat(400_000) };
    await box.write([recordLetter(5, original)]);
    const { out } = await show('t/0/5#malformed');
    expect(JSON.parse(out.join('\n')).original).toEqual(original);
  });

  test('says what is not there, or cannot be read', async () => {
    expect(await show('no-such')).toMatchObject({ found: false, err: ['there is no such letter'] });
    await box.put({ id: { S: 'odd' }, kind: { S: '?' } });
    expect(await show('odd')).toMatchObject({
      found: false,
      err: ['it cannot be read: its kind is unknown'],
    });
  });
});

describe('purge', () => {
  const purge = async (filter: object, confirmed = true) => {
    const { out, terminal } = box.connect();
    await purgeLetters(box.letters, { filter, confirmed }, terminal);
    return out;
  };

  test('without --yes says how many and does nothing', async () => {
    expect(await purge({}, false)).toEqual(['4 would be deleted']);
    expect((await box.idsLeft()).length).toBe(4);
  });

  test('deletes those of a reason', async () => {
    expect(await purge({ reason: 'malformed' })).toEqual(['1 deleted, 0 died again']);
    expect((await box.idsLeft()).length).toBe(3);
  });

  test('deletes those that are old enough, with their parts', async () => {
    await box.write([recordLetter(5, { value: 'x'.repeat(900_000) })], DIED - 2 * HOUR_MS);
    expect(await purge({ olderThanHours: 3 })).toEqual(['1 deleted, 0 died again']);
    expect(await box.idsLeft()).toEqual(letters.map(({ id }) => id).sort());
  });

  test('leaves one that dies again meanwhile', async () => {
    const { out, terminal } = box.connect();
    const late = {
      scan: box.letters.scan,
      remove: async (letter: Parameters<typeof box.letters.remove>[0]) => {
        if (letter.reason === 'gone') await box.write([letters[1] as (typeof letters)[number]], DIED + 1);
        return box.letters.remove(letter);
      },
    };
    await purgeLetters(late, { filter: {}, confirmed: true }, terminal);
    expect(out).toEqual(['3 deleted, 1 died again']);
    expect(await box.idsLeft()).toEqual(['t/0/2#comet-2#gone']);
  });
});

test('progress is said on long runs only, at most every two seconds', () => {
  const said: string[] = [];
  let now = 0;
  const progress = createProgress({ err: (line) => void said.push(line), now: () => now });
  for (now = 0; now <= 5_000; now += 500) progress(() => String(now));
  expect(said).toEqual(['… 2000', '… 4000']);
});
