// The same pages with a thousand modules.

import { expect, expectAccessible, test as base } from './page';
import { signIn } from './session';

const test = base.extend({
  // Playwright reads from the pattern which fixtures are needed: none.
  // eslint-disable-next-line no-empty-pattern
  baseURL: async ({}, use) => {
    await use(process.env.CAMBIUM_E2E_LARGE_URL ?? '');
  },
});

test('of a thousand modules the right one is found by what one knows of it', async ({ page }) => {
  await page.goto('/modules');
  await expect(page.getByText('980 modules')).toBeVisible();
  await page.getByRole('group', { name: 'Kind' }).getByLabel(/Head/).check();
  await expect(page).toHaveURL(/kind=head/);
  await expect(page.getByText('284 modules')).toBeVisible();
  const search = page.getByRole('searchbox', { name: 'Search modules' });
  await search.pressSequentially('token-classification');
  await expect(page).toHaveURL(/query=token-classification/);
  await expect(search).toHaveValue('token-classification');
  await expect(page.getByText('284 modules')).toBeHidden();
  await expectAccessible(page);
});

test('a matrix of two hundred by two hundred is drawn and walked by keyboard', async ({ page }) => {
  await page.goto('/modules/big/backbone/matrix');
  const cell = page.getByRole('gridcell').first();
  await expect(cell).toBeVisible();
  expect(await page.getByRole('gridcell').count()).toBeLessThan(4000);
  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/dependent=/);
  await expectAccessible(page);
});

test('of what hangs on a data set the nearest thousand are drawn, and it says so', async ({
  page,
}) => {
  test.setTimeout(90_000);
  await page.goto('/lineage?of=dataset:big-corpus&depth=1');
  const extent = page.getByRole('status').filter({ hasText: /nodes?, .* relations?/ });
  const said = /^1,000 nodes, [\d,]+ relations; the nearest 1,000 only$/;
  await expect(extent).toHaveText(said, { timeout: 30_000 });
  await expect(page.locator('.react-flow')).toBeVisible();
});

test('the front page stays short', async ({ page }) => {
  await signIn(page, process.env.CAMBIUM_E2E_LARGE_TOKEN);
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await expect(
    page.getByRole('region', { name: 'In quarantine' }).getByRole('link').first(),
  ).toBeVisible();
  await expectAccessible(page);
});
