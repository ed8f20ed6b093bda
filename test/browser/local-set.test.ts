import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { produceTo } from '../../local/commands/produce.ts';
import { encodeV2 } from '../../local/commands/push-record.ts';
import { freePortBase, type LocalProcess, startServerless } from '../end-to-end/local-process.ts';
import { findings } from './axe.ts';
import { launch, openPage } from './browser.ts';
import { HOSTILE } from './hostile.ts';

const READY_MS = 120_000;
const SLOW_MS = 30_000;
const FLOW_S = 20;
const PICTURE = { width: 1120, height: 860 };

let browser: Browser;
let local: LocalProcess;
let url: string;
let topicUrl: string;

beforeAll(async () => {
  const base = await freePortBase();
  topicUrl = `http://127.0.0.1:${base}`;
  url = `http://127.0.0.1:${base + 3}/`;
  local = startServerless('offline', 'start', '--port-base', `${base}`);
  browser = await launch();
  await local.waitFor(/^ready$/m, READY_MS);
});
afterAll(async () => {
  await browser.close();
  local.kill('SIGTERM');
  await local.ended;
});

const open = async (path: string, options: object = {}) => {
  const opened = await openPage(browser, { url, path, ...options });
  opened.page.setDefaultTimeout(SLOW_MS);
  return opened;
};
const listen = async (page: Page, comet: string, room: string, key: string) => {
  const form = page.locator('form').filter({ hasText: 'On comet' });
  await form.getByRole('combobox', { name: 'On comet' }).selectOption(comet);
  await form.getByLabel('In room').fill(room);
  await form.getByLabel('As key').fill(key);
  await form.getByRole('button', { name: 'Listen' }).click();
  await page.getByRole('heading', { name: key }).waitFor();
};
const push = async (page: Page, room: string, body: string) => {
  const form = page.locator('form').filter({ hasText: 'As goim writes it' });
  await form.getByRole('textbox', { name: 'Room', exact: true }).fill(room);
  await form.getByLabel('Body').fill(body);
  await form.getByRole('button', { name: 'Push' }).click();
};
const paths = (page: Page) => page.getByRole('region', { name: 'Paths' }).getByRole('article');
const listener = (page: Page, key: string) => page.locator('.listener').filter({ hasText: key });

describe('Try it', () => {
  it('tells the story: a message arrives, is parked for a comet that is stopped, and comes when it is back', async () => {
    const { page, wrong } = await open('/try', { viewport: PICTURE });
    await listen(page, 'comet-1', 'live://1000', 'alice');
    await push(page, 'live://1000', 'first');
    await listener(page, 'alice').getByText('first').waitFor();
    const first = paths(page).last();
    for (const step of ['record', 'dispatch', 'deliver', 'comet', 'client'])
      await first.locator('.where').getByText(step, { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Stop comet-1' }).click();
    await page.getByText('stopped').waitFor();
    await push(page, 'live://1000', 'second');
    await paths(page).first().getByText('waits in the table').waitFor();
    expect(await listener(page, 'alice').getByText('second').count()).toBe(0);
    await page.getByRole('button', { name: 'Start comet-1' }).click();
    await listener(page, 'alice').getByText('second').waitFor();
    await paths(page).first().getByText('took it, redelivered').waitFor();
    await paths(page).first().getByText('alice has it').waitFor();
    await page.evaluate('scrollTo(0, 0)');
    await page.screenshot({ path: 'docs/images/try.png' });
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('reaches each kind of comet, by room, by key and all', async () => {
    const { page } = await open('/try');
    await listen(page, 'comet-2', 'live://2', 'bob');
    await listen(page, '3', '1000', 'carol');
    const form = page.locator('form').filter({ hasText: 'As goim writes it' });
    await form.getByRole('combobox', { name: 'To', exact: true }).selectOption('push');
    await form.getByRole('combobox', { name: 'Comet', exact: true }).selectOption('comet-2');
    await form.getByRole('textbox', { name: 'Keys' }).fill('bob');
    await form.getByLabel('Body').fill('by key');
    await form.getByRole('button', { name: 'Push' }).click();
    await listener(page, 'bob').getByText('by key').waitFor();
    await form.getByRole('combobox', { name: 'To', exact: true }).selectOption('all');
    await form.getByLabel('Body').fill('to all');
    await form.getByRole('button', { name: 'Push' }).click();
    for (const key of ['bob', 'carol']) await listener(page, key).getByText('to all').waitFor();
    await form.getByRole('combobox', { name: 'To', exact: true }).selectOption('room');
    await form.getByRole('combobox', { name: 'As goim writes it' }).selectOption('v1');
    await push(page, 'live://2', 'no number');
    await page.getByRole('alert').getByText('are numbers').waitFor();
    await push(page, '1000', 'of v1');
    await listener(page, 'carol').getByText('of v1').waitFor();
    for (const key of ['bob', 'carol'])
      await listener(page, key).getByRole('button', { name: 'Leave' }).click();
    await listener(page, 'bob').waitFor({ state: 'detached' });
    await page.close();
  });

  it('takes a hostile body, room and key for text', async () => {
    const { page, wrong } = await open('/try');
    await listen(page, 'comet-1', HOSTILE, HOSTILE);
    await push(page, HOSTILE, HOSTILE);
    await page.locator('.listener .messages').getByText(HOSTILE).waitFor();
    await paths(page).first().getByText(`${HOSTILE} has it`).waitFor();
    expect(await page.locator('#app script, #app [onerror]').count()).toBe(0);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe finds, in %s, wide and at 360 px',
    async (colorScheme) => {
      const { page } = await open('/try', { colorScheme });
      await paths(page).first().waitFor();
      expect(await findings(page)).toEqual([]);
      await page.close();
    },
  );
});

describe('the flow', () => {
  it('shows what the functions count, in light and dark, and nothing that axe finds', async () => {
    const { page, wrong } = await open('/flow', { viewport: PICTURE });
    // Each second some more, so that there is something to see.
    for (let records = 1; records <= FLOW_S; records++) {
      const record = encodeV2({
        target: { type: 'all', speed: 0 },
        operation: 1000,
        body: Buffer.from('flow'),
      });
      await produceTo(
        topicUrl,
        'goim-push-topic',
        Array.from({ length: records * (1 + (records % 3)) }, () => record),
      );
      await page.waitForResponse('**/api/flow*');
    }
    await page
      .getByRole('listitem')
      .filter({ hasText: /records read [1-9]/ })
      .waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: /ops delivered [1-9]/ })
      .waitFor();
    expect(await page.locator('figure canvas').count()).toBe(5);
    await page.screenshot({ path: 'docs/images/flow.png' });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await findings(page)).toEqual([]);
    }
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('leaves the terminal without a line of metrics', () => {
    expect(local.output()).not.toContain('_aws');
  });
});

describe('the fleet of the local set', () => {
  it('shows a comet that is stopped, its connections, and that it runs again', async () => {
    const { page, wrong } = await open('/');
    const card = page.locator('article').filter({ hasText: 'comet-2' });
    await card.getByText('live, fresh').waitFor();
    expect(await card.getByText(/\d+ connections?/).count()).toBe(1);
    await fetch(`${topicUrl}/comets/comet-2/stop`, { method: 'POST' });
    await card.getByText('stopped').waitFor();
    await fetch(`${topicUrl}/comets/comet-2/start`, { method: 'POST' });
    await card.getByText('live, fresh').waitFor();
    expect(wrong).toEqual([]);
    await page.close();
  });
});
