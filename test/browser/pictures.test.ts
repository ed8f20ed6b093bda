import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleRig, letterOf, opOf, startConsoleRig } from '../console/rig.ts';
import { launch, openPage } from './browser.ts';

const VIEWPORT = { width: 1120, height: 640 };
const MINUTE_MS = 60_000;

let browser: Browser;
let rig: ConsoleRig;

const fillFleet = () =>
  rig.putFleet([
    { id: 'comet-1', addresses: ['http://10.0.1.5:3108'], zone: 'sh001' },
    { id: 'comet-2', addresses: ['grpc://10.0.1.6:3109', 'grpc://10.0.2.6:3109'], zone: 'sh001' },
    { id: 'comet-3', addresses: ['grpc://10.0.1.7:3109'], zone: 'sh002' },
    { id: 'comet-4', addresses: ['grpc://10.0.1.8:3109'], zone: 'sh002' },
    { id: 'comet-5', addresses: ['grpc://10.0.1.9:3109'], leftAt: Date.now() - 7 * MINUTE_MS },
    { id: '6', addresses: ['gorpc://10.0.3.4:8092'] },
  ]);

const fillRooms = () =>
  rig.putRooms(
    Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `live://${1000 + index}`,
        ['comet-1', 'comet-2', 'comet-3', 'comet-4'].slice(0, 4 - (index % 4)),
      ]),
    ),
  );

const fillParked = async () => {
  const ops = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => opOf(first + index * 4)) as [ReturnType<typeof opOf>];
  await rig.park('comet-3', ops(400, 212), Date.now() - 48_000);
  await rig.park('comet-3', ops(401, 187), Date.now() - 47_000);
  await rig.park('comet-3', ops(402, 5), Date.now() - 12_000);
};

const fillLetters = async () => {
  const reasons = ['refused', 'slow', 'gone', 'slow', 'slow', 'parked-too-long'] as const;
  for (const [hour, reason] of reasons.entries()) {
    const letters = Array.from({ length: 3 + 7 * hour }, (_, index) =>
      letterOf(opOf(9000 - hour * 800 - index), `comet-${1 + ((index + hour) % 4)}`, reason),
    );
    await rig.putLetters(letters, Date.now() - (hour * 67 + 4) * MINUTE_MS);
  }
};

beforeAll(async () => {
  browser = await launch();
  rig = await startConsoleRig({ about: { name: 'prod', isLocal: false, canChange: true } });
  await Promise.all([fillFleet(), fillRooms(), fillParked(), fillLetters()]);
});
afterAll(async () => {
  await browser.close();
  await rig.close();
});

const PICTURES = [
  { name: 'fleet', path: '/', shows: /6 comets|5 comets/, clicks: [] },
  { name: 'fleet-dark', path: '/', shows: /comets live/, clicks: [], colorScheme: 'dark' },
  { name: 'rooms', path: '/rooms', shows: 'Read all rooms', clicks: ['Read all rooms'] },
  { name: 'parked', path: '/parked', shows: /3 queues/, clicks: [] },
  { name: 'letters', path: '/letters', shows: /letters$/, clicks: [] },
] as const;

it.each(PICTURES)('a picture of $name', async ({ name, path, shows, clicks, ...options }) => {
  const { page, wrong } = await openPage(browser, { url: rig.url, path, viewport: VIEWPORT, ...options });
  await page.getByText(shows).first().waitFor();
  for (const button of clicks) await page.getByRole('button', { name: button }).click();
  await page.getByRole('list').last().getByRole('listitem').first().waitFor();
  await page.screenshot({ path: `docs/images/${name}.png` });
  expect(wrong).toEqual([]);
  await page.close();
});
