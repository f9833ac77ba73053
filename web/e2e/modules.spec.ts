import { expect, test } from './page';

test('a line tells what there is to know of a module', async ({ page }) => {
  await page.goto('/modules');
  const line = page.getByRole('listitem').filter({ hasText: 'acme/topics' });
  await expect(line).toContainText('1.1.0');
  await expect(line).toContainText('2 releases');
  await expect(line).toContainText('Adapter');
});

test('search narrows as one types, and the address says what is shown', async ({ page }) => {
  await page.goto('/modules');
  await expect(page.getByRole('searchbox')).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('topi');
  await expect(page).toHaveURL(/query=topi/);
  await expect(page.getByRole('status').filter({ hasText: '1 module' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('searchbox')).toHaveValue('topi');
  await expect(page.getByRole('link', { name: 'acme/topics' })).toBeVisible();
  await page.getByRole('searchbox').fill('nothing-is-called-so');
  await expect(page.getByText('No module fits')).toBeVisible();
});

test('kinds narrow the list', async ({ page }) => {
  await page.goto('/modules');
  await page.getByText('Backbone', { exact: true }).first().click();
  await expect(page).toHaveURL(/kind=backbone/);
  await expect(page.getByRole('link', { name: 'acme/tiny-bert' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'acme/topics' })).toBeHidden();
});

test('a long list goes on as one scrolls', async ({ page }) => {
  await page.goto('/modules?namespace=spare');
  await expect(page.getByText('55 modules').first()).toBeVisible();
  const last = page.getByRole('link', { name: 'spare/probe-54' });
  await expect(async () => {
    await page.mouse.wheel(0, 4000);
    await expect(last).toBeVisible({ timeout: 500 });
  }).toPass();
});
