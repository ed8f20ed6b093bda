import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobAnswer, LettersAnswer } from '../../console/answers.ts';
import { type ConsoleRig, letterOf, opOf, startConsoleRig } from './rig.ts';

let rig: ConsoleRig;

beforeEach(async () => {
  rig = await startConsoleRig({ about: { name: 'dev', isLocal: false, canChange: true } });
});
afterEach(() => rig.close());

const job = (body: object) => rig.ask<JobAnswer>('letters/job', body);
const PATIENT = { timeout: 10_000 };
const ended = () =>
  vi.waitFor(async () => {
    const { answer } = await rig.ask<JobAnswer>('letters/job');
    expect(answer.state).not.toBe('running');
    return answer;
  }, PATIENT);

describe('a job', () => {
  it.each([
    {},
    { kind: 'replay', ids: [], dryRun: false },
    { kind: 'drop', ids: ['a'], dryRun: false },
    { kind: 'purge', ids: ['a'] },
    { kind: 'purge', ids: [1], dryRun: true },
  ])('that is not of its form changes nothing: %j', async (body) => {
    await rig.putLetters([letterOf(opOf(4))]);
    expect((await job(body)).status).toBe(400);
    expect((await rig.ask<LettersAnswer>('letters')).answer.letters).toHaveLength(1);
  });

  it('works on the letters that are named, and no others', async () => {
    await rig.putLetters([letterOf(opOf(4)), letterOf(opOf(8))]);
    await job({ kind: 'purge', ids: [letterOf(opOf(8)).id], dryRun: false });
    expect(await ended()).toMatchObject({ state: 'done', summary: '1 deleted, 0 died again' });
    const { answer } = await rig.ask<LettersAnswer>('letters');
    expect(answer.letters.map(({ offset }) => offset)).toEqual([4]);
  });

  it('is the only one at a time', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => index * 4);
    await rig.putLetters(ids.map((offset) => letterOf(opOf(offset))));
    const replay = { kind: 'replay', ids: ids.map((offset) => letterOf(opOf(offset)).id), dryRun: false };
    const [first, second] = await Promise.all([job(replay), job(replay)]);
    expect([first.status, second.status].toSorted()).toEqual([202, 409]);
    expect((await ended()).summary).toBe('0 replayed, 0 died again, 0 failed, 300 parked');
  });

  it('says what went wrong of which letter', async () => {
    await rig.putLetters([{ ...letterOf(opOf(4)), original: '"no op"' }]);
    await job({ kind: 'replay', ids: [letterOf(opOf(4)).id], dryRun: false });
    expect(await ended()).toMatchObject({
      state: 'failed',
      problems: [`cannot read ${letterOf(opOf(4)).id}: its original is not an op`],
    });
  });
});
