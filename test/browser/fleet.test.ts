import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleRig, startConsoleRig } from '../console/rig.ts';
import { findings } from './axe.ts';
import { launch, openPage, WIDE } from './browser.ts';
import { dearestFrame } from './frames.ts';
import { HOSTILE } from './hostile.ts';

const MAX_FRAME_MS = 100;
const MAX_LOAD_BYTES = 200_000;

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

const open = (options: object = {}) => openPage(browser, { url: rig.url, ...options });

describe('the fleet', () => {
  it('shows comets by trouble, what is said of them, and finds one', async () => {
    const grpc = (id: string) => ({ id, addresses: ['grpc://10.0.0.1:3109', 'grpc://10.0.0.2:3109'] });
    await rig.putFleet([
      grpc('a'),
      { ...grpc('b'), leftAt: Date.now() - 60_000 },
      { id: 'c', addresses: ['gorpc://10.0.0.9:3109'], zone: 'sh1' },
    ]);
    const { page, wrong } = await open();
    await page.getByText('2 comets live').waitFor();
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['b', 'a', 'c']);
    expect(await page.getByText('left 1 min ago').count()).toBe(1);
    expect(await page.getByText('goim v1').count()).toBe(1);
    await page.getByLabel('Search').fill('SH1 gorpc');
    await page.getByRole('heading', { name: 'a', exact: true }).waitFor({ state: 'detached' });
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['c']);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('of a thousand comets has few in the document, and no frame over 100 ms', async () => {
    await rig.putFleet(
      Array.from({ length: 1000 }, (_, index) => ({
        id: `comet-${index}`,
        addresses: [`grpc://10.0.0.1:${index + 1}`],
      })),
    );
    const { page, wrong } = await open();
    await page.getByText('1,000 comets live').waitFor();
    const items = page.getByRole('list', { name: 'Comets' }).getByRole('listitem');
    expect(await items.count()).toBeLessThan(100);
    expect(await dearestFrame(page, 40)).toBeLessThan(MAX_FRAME_MS);
    expect(await page.getByRole('heading', { name: 'comet-999' }).isVisible()).toBe(true);
    expect(await items.count()).toBeLessThan(100);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('takes hostile ids, zones and addresses for text', async () => {
    await rig.putFleet([{ id: HOSTILE, addresses: [`http://${HOSTILE}`], zone: HOSTILE }]);
    const { page, wrong } = await open();
    await page.getByRole('heading', { name: HOSTILE }).waitFor();
    expect(await page.locator('#app script, #app [onerror]').count()).toBe(0);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe finds, in %s, wide and at 360 px',
    async (colorScheme) => {
      await rig.putFleet([
        { id: 'a', addresses: ['http://10.0.0.1:3108'] },
        { id: 'b', addresses: ['http://10.0.0.2:3108'], leftAt: 1 },
      ]);
      const { page } = await open({ colorScheme });
      await page.getByText('1 comet live').waitFor();
      expect(await findings(page)).toEqual([]);
      await page.close();
    },
  );

  it('is loaded within 200 kB, and the token leaves the address', async () => {
    await rig.putFleet([{ id: 'a', addresses: ['http://10.0.0.1:3108'] }]);
    const page = await browser.newPage({ viewport: WIDE });
    const session = await page.context().newCDPSession(page);
    let bytes = 0;
    await session.send('Network.enable');
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(rig.url);
    await page.getByText('1 comet live').waitFor();
    expect(page.url()).toBe(`${rig.origin}/`);
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThan(MAX_LOAD_BYTES);
    await page.close();
  });

  it('says that the console has ended, and goes on when it is back', async () => {
    await rig.putFleet([{ id: 'a', addresses: ['http://10.0.0.1:3108'] }]);
    const { page } = await open();
    await page.getByText('1 comet live').waitFor();
    await page.route('**/api/fleet', (route) => route.abort());
    await page.getByRole('alert').getByText('does not answer').waitFor();
    expect(await page.getByText('1 comet live').isVisible()).toBe(true);
    await page.unroute('**/api/fleet');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.close();
  });
});
