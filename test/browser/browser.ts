import { type Browser, chromium, type Page } from 'playwright-core';

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's own; as root it has no sandbox. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: ARGUMENTS,
  });

export const WIDE = { width: 1120, height: 720 };
export const NARROW = { width: 360, height: 720 };

/** What went wrong in a page and what it asked of anybody but the console: of both nothing is right. */
const watch = (page: Page, origin: string): string[] => {
  const seen: string[] = [];
  page.on('pageerror', ({ message }) => seen.push(`error: ${message}`));
  page.on('dialog', (dialog) => seen.push(`dialog: ${dialog.message()}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) seen.push(`request: ${request.url()}`);
  });
  return seen;
};

/** A page of the console that is seen at this path, and what went wrong in it. */
export const openPage = async (
  browser: Browser,
  { url, path = '/', ...options }: { url: string; path?: string } & Parameters<Browser['newPage']>[0],
) => {
  const page = await browser.newPage({ viewport: WIDE, ...options });
  const { origin, hash } = new URL(url);
  const wrong = watch(page, origin);
  await page.goto(`${origin}${path}${hash}`);
  return { page, wrong };
};
