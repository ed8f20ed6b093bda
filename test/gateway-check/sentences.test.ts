import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CHECKS } from '../../gateway-check/checks/all.ts';
import { checksBySentence } from './sentences.ts';

const descriptionsIn = (value: unknown): string[] =>
  Object.entries(value ?? {}).flatMap(([name, inner]) => {
    if (typeof inner === 'string') return name === 'description' ? [inner] : [];
    return descriptionsIn(inner);
  });

const sentencesOf = (text: string): string[] =>
  text
    .replaceAll(/\*\*\w+\.\*\*/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll("'", '’')
    .trim()
    .split(/(?<=\.) (?=\S)/);

test('each sentence of the comet API is checked, or has a reason why not', () => {
  const { info, paths, components } = parse(readFileSync('docs/comet-api.yaml', 'utf8'));
  const sentences = descriptionsIn({ info, paths, components }).flatMap(sentencesOf);
  expect(sentences.length).toBeGreaterThan(70);
  expect([...new Set(sentences)].toSorted()).toEqual(Object.keys(checksBySentence).toSorted());
});

test('each check is of a sentence of the comet API', () => {
  const named = Object.values(checksBySentence).flatMap((checks) =>
    typeof checks === 'string' ? [] : checks,
  );
  expect([...new Set(named)].toSorted()).toEqual(CHECKS.map(({ id }) => id).toSorted());
});
