import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { describe, expect, test } from 'vitest';

const read = (file: string): string => readFileSync(file, 'utf8');
const PAGES = [
  'README.md',
  'README.zh-CN.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];
const pages = PAGES.map(read).join('\n');

/** The members of a union of strings, or of the list that it is made of, as its source has them. */
const unionOf = (file: string, name: string): string[] => {
  const [, members = ''] = read(file).match(new RegExp(`(?:type|const) ${name} =([^;]+);`)) ?? [];
  return [...members.matchAll(/'([^']+)'/g)].flatMap(([, member]) => member ?? []);
};

test.each([
  ['docs/operate.md', 'lib/errors.ts', 'ErrorCode'],
  ['docs/operate.md', 'lib/domain/outcome.ts', 'UNDELIVERED_CODES'],
  ['docs/operate.md', 'lib/domain/outcome.ts', 'DROP_REASONS'],
  ['docs/operate.md', 'lib/domain/push-message.ts', 'MALFORMED_REASONS'],
])('%s explains each member of %s’s %s', (page, file, type) => {
  const members = unionOf(file, type);
  expect(members.length).toBeGreaterThan(4);
  expect(members.filter((member) => !read(page).includes(`\`${member}\``))).toEqual([]);
});

test('docs/operate.md explains each metric', () => {
  const metrics = unionOf('lib/log.ts', 'MetricName');
  expect(metrics.length).toBeGreaterThan(10);
  expect(metrics.filter((name) => !read('docs/operate.md').includes(`\`${name}\``))).toEqual([]);
});

test('docs/deploy.md names each parameter of serverless.yml', () => {
  const [, parameters = ''] = read('serverless.yml').match(/params:\n {2}default:\n((?: {4}.*\n)+)/) ?? [];
  const names = [...parameters.matchAll(/^ {4}(\w+):/gm)].flatMap(([, name]) => name ?? []);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !read('docs/deploy.md').includes(`\`${name}\``))).toEqual([]);
});

test('docs/runbook.md has a section for each alarm', () => {
  const alarms = [...read('serverless.yml').matchAll(/^ {4}([A-Z]\w+Alarm):/gm)].flatMap(
    ([, id]) => id ?? [],
  );
  expect(alarms.length).toBeGreaterThan(12);
  const headings = read('docs/runbook.md')
    .match(/^## .*$/gm)
    ?.join(', ')
    .match(/\w+Alarm/g);
  expect(headings?.toSorted()).toEqual(alarms.toSorted());
});

const withoutCode = (text: string): string => text.replaceAll(/^ *```.*?^ *```$/gms, '');
const headingsOf = (text: string): RegExpMatchArray[] => [...withoutCode(text).matchAll(/^(#+) (.*)$/gm)];
/** As GitHub makes them. */
const anchorsOf = (text: string): string[] =>
  headingsOf(text).map(([, , heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(PAGES)('each link of %s leads to a file that is there, and to a section of it', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) =>
    /^[a-z]+:/.test(link) ? [] : [link],
  );
  const broken = links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : path.join(path.dirname(page), file);
    try {
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
    } catch {
      return !readdirSync(path.dirname(target)).includes(path.basename(target));
    }
  });
  expect(broken).toEqual([]);
});

test('each command of package.json that a user types is on a page', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const typed = Object.keys(scripts).filter((name) => !/^(pre|check:|ensure$)/.test(name));
  expect(typed.length).toBeGreaterThan(10);
  const all = `${pages}${read('bench/README.md')}`;
  const isThere = (name: string): boolean => all.includes(`npm run ${name}`) || all.includes(`npm ${name}`);
  expect(typed.filter((name) => !isThere(name))).toEqual([]);
});

describe.each([
  ['README.md', 'README.zh-CN.md'],
  ['docs/goim.md', 'docs/goim.zh-CN.md'],
])('%s and %s', (english, chinese) => {
  const [one, other] = [read(english), read(chinese)];

  test('have the same sections', () => {
    const levels = (text: string) => headingsOf(text).map(([, level]) => level);
    expect(levels(other)).toEqual(levels(one));
  });

  test('have the same commands', () => {
    const blocks = (text: string) => text.match(/^ *```\w+\n.*?^ *```$/gms);
    expect(blocks(other)).toEqual(blocks(one));
  });

  test('have the same rows', () => {
    const rows = (text: string) => text.match(/^\|/gm)?.length ?? 0;
    expect(rows(other)).toBe(rows(one));
  });
});

test('the picture is the one that docs/architecture.dot describes', async () => {
  const graphviz = await Graphviz.load();
  expect(read('docs/images/architecture.svg')).toBe(graphviz.neato(read('docs/architecture.dot')));
});
