// A page that is watched: nothing may go wrong in the browser while a test looks at it.

import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

export { expect };

export const test = base.extend({
  // Playwright reads from the pattern which fixtures are needed: none.
  // eslint-disable-next-line no-empty-pattern
  baseURL: async ({}, use) => {
    await use(process.env.CAMBIUM_E2E_URL ?? '');
  },
  page: async ({ page, baseURL }, use) => {
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => {
      // A refused request is told apart from a bug by who asked for it.
      const refused = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !refused) wrong.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(baseURL ?? '') && !url.startsWith('data:')) wrong.push(`asked ${url}`);
    });
    await use(page);
    expect(wrong, 'errors and foreign requests in the browser').toEqual([]);
  },
});

/** No violation of WCAG 2.2 AA that a machine can find, in either theme. */
export async function expectAccessible(page: Page): Promise<void> {
  // What fades in or out has the colours of neither end.
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' | ')}`);
  expect(said).toEqual([]);
}

/** Nothing sticks out to the right. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(over).toBe(0);
}
