import { expect, test } from 'vitest';
import { sizeProblems } from '../../deploy/environment-size.ts';

const environments = (bytes: number) => ({
  dispatch: {},
  deliver: {},
  redeliver: {},
  mergeRooms: { COMETS: 'x'.repeat(bytes - '{"COMETS":""}'.length) },
});

test('variables of 4096 bytes are taken, and one byte more is too much', () => {
  expect(sizeProblems(environments(4096))).toEqual([]);
  expect(sizeProblems(environments(4097))).toEqual([
    'The variables of mergeRooms have 4097 bytes, and Lambda takes 4096: REGISTRY=table has room for a larger fleet',
  ]);
});
