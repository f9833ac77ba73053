// How fast pages are there, and how fast the big drawings are: `npm run measure` prints it.

import { expect, type Page, test } from '@playwright/test';
import { during, load, watch } from './figures';

const SMALL = process.env.CAMBIUM_E2E_URL ?? '';
const LARGE = process.env.CAMBIUM_E2E_LARGE_URL ?? '';

const ms = (value: number) => `${Math.round(value)} ms`;

function print(name: string, figures: Record<string, string>): void {
  const said = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
  process.stdout.write(`${name.padEnd(34)} ${said.join(', ')}\n`);
}

async function open(page: Page, base: string, path: string): Promise<void> {
  await watch(page);
  const token = base === LARGE ? process.env.CAMBIUM_E2E_LARGE_TOKEN : undefined;
  await page.goto(`${base}/healthz`);
  const answer = await page.request.post(`${base}/api/v1/session`, {
    data: { token: token ?? process.env.CAMBIUM_E2E_TOKEN },
  });
  expect(answer.ok()).toBe(true);
  await page.goto(`${base}${path}`, { waitUntil: 'commit' });
}

const PAGES = {
  overview: '/',
  modules: '/modules',
  module: '/modules/demo/minilm',
  release: '/modules/demo/debian-sections-lora/1.0.0',
  compare: '/modules/acme/topics/compare?from=1.0.0&to=1.1.0',
  matrix: '/modules/demo/minilm/matrix',
  lineage: '/lineage?of=demo/debian-sections-lora@1.0.0&depth=3',
  activity: '/activity',
};

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name}, from nothing`, async ({ page }) => {
    await open(page, SMALL, path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.waitForTimeout(1500);
    const { firstPaint, largestPaint, blocked, longestTask, layoutShift, scriptBytes } =
      await load(page);
    print(name, {
      'first paint': ms(firstPaint),
      'largest paint': ms(largestPaint),
      blocked: ms(blocked),
      'longest task': ms(longestTask),
      'layout shift': layoutShift.toFixed(3),
      scripts: `${Math.round(scriptBytes / 1000)} KB`,
    });
  });
}

test('the module page, by a press on its line', async ({ page }) => {
  await open(page, SMALL, '/modules');
  const link = page.getByRole('link', { name: 'acme/topics' });
  await expect(link).toBeVisible();
  const started = Date.now();
  const { longestTask } = await during(page, async () => {
    await link.click();
    await expect(page.getByRole('heading', { level: 1, name: 'topics' })).toBeVisible();
  });
  print('module, by a press', { there: ms(Date.now() - started), 'longest task': ms(longestTask) });
});

test('a thousand nodes', async ({ page }) => {
  await open(page, LARGE, '/lineage?of=dataset:big-corpus&depth=1');
  await page.locator('.react-flow__viewport, canvas').first().waitFor();
  const drawn = await page.evaluate(() => performance.now());
  await page.waitForTimeout(1500);
  const { longestTask, blocked } = await load(page);
  print('lineage of 1,000 nodes', {
    drawn: ms(drawn),
    'longest task': ms(longestTask),
    blocked: ms(blocked),
  });
  const box = await page.locator('.react-flow').boundingBox();
  if (!box) throw new Error('nothing is drawn');
  const moved = await during(page, async () => {
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let turn = 0; turn < 20; turn++) {
      await page.mouse.wheel(0, turn < 10 ? -120 : 120);
      await page.waitForTimeout(30);
    }
    await page.mouse.down();
    await page.mouse.move(box.x + 50, box.y + 50, { steps: 30 });
    await page.mouse.up();
  });
  print('  zoomed and moved', {
    'longest task': ms(moved.longestTask),
    'longest frame': ms(moved.longestFrame),
  });
});

test('two hundred by two hundred', async ({ page }) => {
  await open(page, LARGE, '/modules/big/backbone/matrix');
  await page.getByRole('gridcell').first().waitFor();
  const drawn = await page.evaluate(() => performance.now());
  await page.waitForTimeout(1500);
  const { longestTask, blocked } = await load(page);
  print('matrix of 200 x 210', {
    drawn: ms(drawn),
    'longest task': ms(longestTask),
    blocked: ms(blocked),
  });
  const grid = page.getByRole('grid');
  await grid.hover();
  const scrolled = await during(page, async () => {
    for (let turn = 0; turn < 60; turn++) {
      await page.mouse.wheel(turn % 3 === 0 ? 300 : 0, 400);
      await page.waitForTimeout(16);
    }
  });
  print('  scrolled through', {
    'longest task': ms(scrolled.longestTask),
    'longest frame': ms(scrolled.longestFrame),
    frames: `${scrolled.frames}`,
  });
});
