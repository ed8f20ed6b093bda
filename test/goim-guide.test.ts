import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const guide = readFileSync('docs/goim.md', 'utf8');

const numbered = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);

/** As GitHub makes them of headings. */
const anchorsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('the guide for goim’s users says of each known defect of its job what happens here', () => {
  const defects = [...numbered('J', 20), ...numbered('R', 6), ...numbered('V', 18)];
  const rows = [...guide.matchAll(/^\| ([JRV]\d+) \| [^|]{10,} \| [^|]{10,} \|$/gm)].map(([, id]) => id);
  expect(rows).toEqual(defects);
});

test('every link of the guide leads somewhere', () => {
  const links = [...guide.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
  expect(links.length).toBeGreaterThan(5);
  for (const link of links) {
    const [file = '', anchor] = link.split('#');
    const text = file === '' ? guide : readFileSync(path.join('docs', file), 'utf8');
    if (anchor !== undefined) expect(anchorsOf(text), link).toContain(anchor);
  }
});
