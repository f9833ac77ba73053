// Every page in both themes, wide and narrow, into test-results/screenshots; the README's into docs/images.

import { expect, type Page, test } from '@playwright/test';
import { resolve } from 'node:path';
import { type Shot, SHOTS } from './shots';

const THEMES = ['light', 'dark'] as const;
const WIDTHS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

for (const shot of SHOTS) {
  for (const theme of THEMES) {
    for (const viewport of WIDTHS) {
      test(`${shot.name}, ${theme}, ${viewport.width} px`, async ({ browser }) => {
        const registry = shot.large ? 'CAMBIUM_E2E_LARGE' : 'CAMBIUM_E2E';
        const context = await browser.newContext({
          baseURL: process.env[`${registry}_URL`] ?? '',
          colorScheme: theme,
          viewport: { ...viewport, height: shot.height ?? viewport.height },
          // The README's pictures are sharp on dense screens too.
          deviceScaleFactor: shot.readme ? 2 : 1,
          reducedMotion: 'reduce',
        });
        const page = await context.newPage();
        if (!shot.signedOut) {
          const token = process.env[`${registry}_TOKEN`] ?? '';
          await page.request.post('/api/v1/session', { data: { token } });
        }
        await page.goto(await pathOf(shot, page.request));
        await settled(page);
        await shot.prepare?.(page);
        const file = `${shot.name}-${theme}-${viewport.width}.png`;
        await page.screenshot({ path: resolve('test-results/screenshots', file) });
        if (shot.readme && theme === 'light' && viewport.width === 1440) {
          await page.screenshot({ path: resolve(`../docs/images/${shot.name}.png`) });
        }
        await context.close();
      });
    }
  }
}

/** Everything asked for is there and drawn. The stream of events never ends, so that the network is never idle. */
async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(800);
}

async function pathOf(shot: Shot, api: import('@playwright/test').APIRequestContext) {
  return typeof shot.path === 'string' ? shot.path : shot.path(api);
}
