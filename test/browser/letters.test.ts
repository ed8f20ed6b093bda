import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleRig, letterOf, opOf, startConsoleRig } from '../console/rig.ts';
import { findings } from './axe.ts';
import { launch, openPage } from './browser.ts';
import { dearestFrame } from './frames.ts';
import { HOSTILE } from './hostile.ts';

const MAX_FRAME_MS = 100;

let browser: Browser;
let rig: ConsoleRig;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  rig = await startConsoleRig({ about: { name: 'prod', isLocal: false, canChange: true } });
  return () => rig.close();
});

const open = (url = rig.url) => openPage(browser, { url, path: '/letters' });
const letters = (page: Page) => page.getByRole('list', { name: 'Letters' }).getByRole('listitem');

describe('the dead letters', () => {
  it('are listed by reason, comet and time, without a body or a key', async () => {
    const op = opOf(4, 'secret-body', { type: 'push', keys: ['secret-key'] } as never);
    await rig.putLetters([letterOf(op, 'comet-1', 'refused')]);
    await rig.putLetters(
      [letterOf(opOf(8), 'comet-2', 'slow'), letterOf(opOf(12), 'comet-1', 'slow')],
      Date.now() - 7_200_000,
    );
    const { page, wrong } = await open();
    await page.getByText('3 letters').waitFor();
    expect(await page.content()).not.toMatch(/secret|c2VjcmV0/);
    await page.getByRole('button', { name: 'slow 2' }).click();
    expect(await letters(page).count()).toBe(2);
    await page.getByLabel('Comet', { exact: true }).fill('comet-2');
    await letters(page).nth(1).waitFor({ state: 'detached' });
    expect(await letters(page).first().textContent()).toContain('goim-push-topic/0/8');
    await page.getByLabel('Died').selectOption('In the last hour');
    await page.getByText('No letter is like that.').waitFor();
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('are shown whole when that is asked for: as text, JSON and hex', async () => {
    await rig.putLetters([letterOf(opOf(4, `{"say":${JSON.stringify(HOSTILE)}}`))]);
    const { page, wrong } = await open();
    await page.getByRole('button', { name: /^Show / }).click();
    const dialog = page.getByRole('dialog');
    const content = dialog.locator('pre');
    await content.getByText(JSON.stringify(HOSTILE)).waitFor();
    await dialog.getByLabel('JSON').check();
    expect(await content.textContent()).toBe(JSON.stringify({ say: HOSTILE }, undefined, 2));
    await dialog.getByLabel('Hex').check();
    expect(await content.textContent()).toMatch(
      /^000000 {2}7b 22 73 61 79 22 3a 22 3c 69 6d 67 .*\{"say":"<img/,
    );
    await dialog.getByLabel('Whole letter').check();
    expect(await content.textContent()).toContain('"room": "live://1000"');
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Show');
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('are replayed after a dry run, each of them told of, and others stay', async () => {
    await rig.putLetters([letterOf(opOf(4)), letterOf(opOf(8)), letterOf(opOf(12), 'comet-2', 'slow')]);
    const { page, wrong } = await open();
    await page.getByRole('button', { name: 'refused 2' }).click();
    await page.getByLabel('All 2 listed').check();
    await page.getByRole('button', { name: 'Replay…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 would be replayed, 0 failed').waitFor();
    expect((await rig.parked.read('comet-1', 'goim-push-topic-0')).runs).toEqual([]);
    await dialog.getByRole('button', { name: 'Replay 2 letters' }).click();
    // Nobody redelivers here.
    await dialog.getByText('0 replayed, 0 died again, 0 failed, 2 parked').waitFor();
    await dialog.getByText('What came of each').click();
    expect(await dialog.getByRole('listitem').allTextContents()).toContain(
      'parked goim-push-topic/0/8#comet-1#refused: its comet has not taken it yet',
    );
    expect(await findings(page)).toEqual([]);
    const { runs } = await rig.parked.read('comet-1', 'goim-push-topic-0');
    expect(runs.flatMap(({ ops }) => ops.map(({ id }) => id))).toEqual([
      'goim-push-topic/0/4',
      'goim-push-topic/0/8',
    ]);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText(/ 1 letter$/).waitFor();
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('are purged after a dry run', async () => {
    await rig.putLetters([letterOf(opOf(4)), letterOf(opOf(8))]);
    const { page } = await open();
    await page.getByRole('checkbox', { name: /Select goim-push-topic\/0\/8/ }).check();
    await page.getByRole('button', { name: 'Purge…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 would be deleted').waitFor();
    await dialog.getByRole('button', { name: 'Purge 1 letter' }).click();
    await dialog.getByText('1 deleted, 0 died again').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText(/ 1 letter$/).waitFor();
    expect(await letters(page).first().textContent()).toContain('goim-push-topic/0/4');
    await page.close();
  });

  it('offer no change where none is allowed', async () => {
    const reading = await startConsoleRig();
    await reading.putLetters([letterOf(opOf(4))]);
    const { page } = await open(reading.url);
    await page.getByText(/ 1 letter$/).waitFor();
    await page.getByText('read-only').waitFor();
    expect(await page.getByRole('button', { name: /Replay|Purge/ }).count()).toBe(0);
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await page.close();
    await reading.close();
  });

  it('of which there are ten thousand have few in the document, and no frame over 100 ms', async () => {
    await rig.putLetters(
      Array.from({ length: 10_000 }, (_, index) =>
        letterOf(opOf(index), `comet-${index % 50}`, index % 2 ? 'slow' : 'gone'),
      ),
    );
    const { page, wrong } = await open();
    await page.getByText('10,000 letters').waitFor();
    expect(await dearestFrame(page, 40)).toBeLessThan(MAX_FRAME_MS);
    expect(await letters(page).count()).toBeLessThan(100);
    await page.evaluate('scrollTo(0, 0)');
    await page.getByLabel('All 10,000 listed').check();
    await page.getByText('10,000 selected').waitFor();
    await page.getByRole('button', { name: 'slow 5,000' }).click();
    await page.getByText('All 5,000 listed').waitFor();
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('have nothing that axe finds, wide and at 360 px, in light and dark', async () => {
    await rig.putLetters([letterOf(opOf(4)), letterOf(opOf(8), HOSTILE)]);
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage(browser, { url: rig.url, path: '/letters', colorScheme });
      await page.getByText('2 letters').waitFor();
      expect(await findings(page)).toEqual([]);
      await page.close();
    }
  });
});
