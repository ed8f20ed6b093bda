import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleRig, opOf, startConsoleRig } from '../console/rig.ts';
import { findings } from './axe.ts';
import { launch, openPage } from './browser.ts';
import { HOSTILE } from './hostile.ts';

let browser: Browser;
let rig: ConsoleRig;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  rig = await startConsoleRig();
  return () => rig.close();
});

const open = (path: string, options: object = {}) => openPage(browser, { url: rig.url, path, ...options });

describe('the rooms', () => {
  it('are found by name, and read whole only when asked for', async () => {
    await rig.putRooms({
      'live://1': ['comet-1'],
      'live://2': ['comet-1', 'comet-2'],
      [HOSTILE]: ['comet-9'],
    });
    const { page, wrong } = await open('/rooms');
    await page.getByLabel('Room', { exact: true }).fill('live://2');
    await page.keyboard.press('Enter');
    await page.locator('section').getByText('comet-2').waitFor();
    expect(await page.getByText('comet-9').count()).toBe(0);
    await page.getByLabel('Room', { exact: true }).fill('live://none');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('its messages go to every comet').waitFor();
    await page.getByRole('button', { name: 'Read all rooms' }).click();
    const rooms = page.getByRole('list', { name: 'Rooms' }).getByRole('listitem');
    await rooms.first().getByText('live://2').waitFor();
    expect(await rooms.filter({ hasText: HOSTILE }).count()).toBe(1);
    expect(await findings(page)).toEqual([]);
    expect(wrong).toEqual([]);
    await page.close();
  });
});

describe('what is parked', () => {
  it('shows each queue with its ops and age, and how it empties', async () => {
    await rig.park('comet-2', [opOf(400), opOf(404)], Date.now() - 90_000);
    await rig.park('comet-2', [opOf(401)]);
    await rig.park(HOSTILE, [opOf(402)]);
    const { page, wrong } = await open('/parked');
    await page.getByText('3 queues, 4 ops').waitFor();
    await page.getByText('oldest 1 min').waitFor();
    const first = page.getByRole('listitem').filter({ hasText: 'goim-push-topic-0' });
    expect(await first.getByText('2 ops', { exact: true }).count()).toBe(1);
    expect(await first.getByRole('meter').getAttribute('max')).toBe('2');
    const { runs } = await rig.parked.read('comet-2', 'goim-push-topic-0');
    await rig.parked.rewrite({ ...(runs[0] as (typeof runs)[0]), ops: [opOf(404)] });
    await first.getByText('1 op', { exact: true }).waitFor();
    expect(await first.getByRole('meter').getAttribute('max')).toBe('2');
    expect(await findings(page)).toEqual([]);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('has neither body nor key of what waits', async () => {
    await rig.park('comet-2', [opOf(400, 'secret-body', { type: 'push', keys: ['secret-key'] } as never)]);
    const { page } = await open('/parked');
    const [answer] = await Promise.all([
      page.waitForResponse('**/api/parked'),
      page.getByText('1 queue, 1 op').waitFor(),
    ]);
    expect(await answer.text()).not.toMatch(/secret|c2VjcmV0/);
    await page.close();
  });
});

describe('the pages of a stage', () => {
  it('are reached by keyboard, and begin at their heading', async () => {
    const { page, wrong } = await open('/');
    // The first page's heading takes the focus once, as each one does.
    await page.locator('h1:focus').filter({ hasText: 'Fleet' }).waitFor();
    await page.getByRole('link', { name: 'Fleet' }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('h1:focus').filter({ hasText: 'Rooms' }).waitFor();
    expect(await page.title()).toBe('Rooms · goim-job');
    expect(new URL(page.url()).pathname).toBe('/rooms');
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('have no Try it, and its dashboard instead of the flow', async () => {
    const metricsUrl = 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home';
    const stage = await startConsoleRig({
      about: { name: 'prod', isLocal: false, canChange: false, metricsUrl },
    });
    const { page, wrong } = await openPage(browser, { url: stage.url, path: '/flow' });
    expect(await page.getByRole('link', { name: 'its dashboard' }).getAttribute('href')).toBe(metricsUrl);
    expect(await page.getByRole('link', { name: 'Try it' }).count()).toBe(0);
    await page.goto(`${stage.origin}/try`);
    await page.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor();
    expect(wrong).toEqual([]);
    await page.close();
    await stage.close();
  });
});
