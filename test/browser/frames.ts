import type { Page } from 'playwright-core';

/** CPU time of the page's thread so far, ms: how long a frame takes on a machine that has nothing else to do. */
const watchThread = async (page: Page): Promise<() => Promise<number>> => {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  };
};

const nextFrame = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

/** The most that one of these steps of a scroll costs, ms. */
export const dearestFrame = async (page: Page, steps: number): Promise<number> => {
  const used = await watchThread(page);
  let dearest = 0;
  for (let step = 1; step <= steps; step++) {
    const before = await used();
    await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight * ${step / steps})`);
    await nextFrame(page);
    dearest = Math.max(dearest, (await used()) - before);
  }
  return dearest;
};
