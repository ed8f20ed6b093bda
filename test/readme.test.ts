import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string): string => readFileSync(file, 'utf8');
const readme = read('README.md');

/** The members of a union of strings, or of the list that it is made of, as its source has them. */
const unionOf = (file: string, name: string): string[] => {
  const [, members = ''] = read(file).match(new RegExp(`(?:type|const) ${name} =([^;]+);`)) ?? [];
  return [...members.matchAll(/'([^']+)'/g)].flatMap(([, member]) => member ?? []);
};

test.each([
  ['lib/errors.ts', 'ErrorCode'],
  ['lib/domain/outcome.ts', 'UNDELIVERED_CODES'],
  ['lib/domain/outcome.ts', 'DROP_REASONS'],
  ['lib/domain/push-message.ts', 'MALFORMED_REASONS'],
])('the README explains each member of %s’s %s', (file, type) => {
  const members = unionOf(file, type);
  expect(members.length).toBeGreaterThan(4);
  expect(members.filter((member) => !readme.includes(`\`${member}\``))).toEqual([]);
});

test('the README, or docs/deploy.md, names each parameter of serverless.yml', () => {
  const [, parameters = ''] = read('serverless.yml').match(/params:\n {2}default:\n((?: {4}.*\n)+)/) ?? [];
  const names = [...parameters.matchAll(/^ {4}(\w+):/gm)].flatMap(([, name]) => name ?? []);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !`${readme}${read('docs/deploy.md')}`.includes(`\`${name}\``))).toEqual([]);
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

test('every file that the README links to is there', () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].flatMap(([, link]) => link ?? []);
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) expect(() => read(link)).not.toThrow();
});
