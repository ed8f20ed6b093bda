import fc from 'fast-check';

/** A JSON text in pieces, which may hold what no value prints as: `1e999`, a key twice, a lone surrogate. */
type Node =
  | { readonly raw: string }
  | { readonly list: Node[] }
  | { readonly entries: [key: string, value: Node][] };

const nodeOf = (value: unknown): Node => {
  if (Array.isArray(value)) return { list: value.map(nodeOf) };
  if (typeof value !== 'object' || value === null) return { raw: JSON.stringify(value) ?? 'null' };
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return { entries: entries.map(([key, one]) => [key, nodeOf(one)]) };
};

const textOf = (node: Node): string => {
  if ('raw' in node) return node.raw;
  if ('list' in node) return `[${node.list.map(textOf).join(',')}]`;
  return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`;
};

const numbers = ['0', '-0', '1', '2', '-1', '0.5', '1e3', '1e999', '-1e999', '5e-324', '2147483648'];
const bigNumbers = ['-2147483649', '9007199254740992', '18446744073709551616', '9'.repeat(400)];
const strings = ['""', '"1"', '"a"', '"\\ud800"', '"x\\udc00"', '"\\u0000"', '"__proto__"', '"#fleet"'];
const bigStrings = [
  `"${'k'.repeat(1_100)}"`,
  `"${'😀'.repeat(300)}"`,
  `"${'😀'.repeat(128)}a"`,
  `"a${'😀'.repeat(300)}"`,
];
const base64Like = [
  '"eA=="',
  '"eA="',
  '"eB=="',
  '"e-_="',
  '"\u212a\u212a\u212a\u212a"',
  '"\u017f\u017fAA"',
  '"\u0141AAA"',
];
const others = ['null', 'true', 'false', '[]', '{}', '[null]', '[[]]', '[""]', '{"__proto__":{"v":1}}'];
const bigOthers = [
  `[${'0,'.repeat(2_000)}0]`,
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
];
const odd = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...numbers, ...bigNumbers, ...strings, ...base64Like, ...others) },
  { weight: 1, arbitrary: fc.constantFrom(...bigStrings, ...bigOthers) },
);
const oddKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'length',
  '',
  '0',
  'v',
  'status',
);

/** Puts something else into one place of a list or of entries. */
type Edit = (root: Node) => void;

const containersOf = (node: Node): Exclude<Node, { raw: string }>[] => {
  if ('raw' in node) return [];
  const children = 'list' in node ? node.list : node.entries.map(([, value]) => value);
  return [node, ...children.flatMap(containersOf)];
};

interface Places {
  list(list: Node[], at: number): void;
  entries(entries: [string, Node][], at: number): void;
}

const editAt =
  (where: number, which: number, { list, entries }: Places): Edit =>
  (root) => {
    const containers = containersOf(root);
    const container = containers[where % Math.max(1, containers.length)];
    if (container === undefined) return;
    if ('list' in container) list(container.list, which % Math.max(1, container.list.length));
    else entries(container.entries, which % Math.max(1, container.entries.length));
  };

const EDITS: Record<string, (node: Node, key: string) => Places> = {
  replace: (node, key) => ({
    list: (list, at) => list.splice(at, 1, node),
    entries: (entries, at) => entries.splice(at, 1, [entries[at]?.[0] ?? key, node]),
  }),
  remove: () => ({
    list: (list, at) => list.splice(at, 1),
    entries: (entries, at) => entries.splice(at, 1),
  }),
  again: (node, key) => ({
    list: (list, at) => list.push(list[at] ?? node),
    entries: (entries, at) => entries.push([entries[at]?.[0] ?? key, node]),
  }),
  rename: (node, key) => ({
    list: (list, at) => list.splice(at, 0, node),
    entries: (entries, at) => entries.splice(at, 1, [key, entries[at]?.[1] ?? node]),
  }),
  add: (node, key) => ({
    list: (list) => list.push(node),
    entries: (entries) => entries.push([key, node]),
  }),
};

const edit: fc.Arbitrary<Edit> = fc
  .tuple(fc.nat(), fc.nat(), odd, oddKey, fc.constantFrom(EDITS['replace'], ...Object.values(EDITS)))
  .map(([where, which, raw, key, placesOf]) => editAt(where, which, placesOf?.({ raw }, key) as Places));

/** JSON text of valid values, some as they are, most with some places changed. */
export const oddJson = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc
    .tuple(
      valid,
      fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 3, arbitrary: fc.array(edit, { maxLength: 3 }) },
      ),
    )
    .map(([value, edits]) => {
      const root = nodeOf(value);
      for (const change of edits) change(root);
      return textOf(root);
    });

/** JSON that has nothing to do with what is expected. */
export const anyJson: fc.Arbitrary<string> = fc.oneof(fc.json({ maxDepth: 3 }), odd);
