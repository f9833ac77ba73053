import { expect, test } from './page';

test('a module shows its releases, their state and its channels', async ({ page }) => {
  await page.goto('/modules/acme/topics');
  const releases = page.getByRole('region', { name: 'Releases' });
  const row = (version: string) => releases.getByRole('row').filter({ hasText: version });
  await expect(row('1.1.0')).toContainText('Published');
  await expect(row('1.1.0')).toContainText('stable');
  await expect(row('1.0.0')).toContainText('Deprecated');
  await expect(row('1.0.0')).toContainText('Trained before the June mails');
  const channels = page.getByRole('region', { name: 'Channels' });
  await expect(channels).toContainText('stable');
  await expect(channels).toContainText('2 moves');
});

test('a backbone shows what hangs on it, and why it fits or not', async ({ page }) => {
  await page.goto('/modules/acme/tiny-bert');
  const rows = page.getByRole('region', { name: 'Dependents' }).getByRole('row');
  const pair = (base: string) =>
    rows
      .filter({ hasText: 'acme/topics@1.1.0' })
      .filter({ has: page.getByRole('cell', { name: base, exact: true }) });
  await expect(pair('1.0.0')).toContainText('Compatible');
  await expect(pair('2.0.0')).toContainText('Incompatible');
  await pair('2.0.0').locator('summary').click();
  await expect(pair('2.0.0')).toContainText('behaviour_drift');
  await expect(pair('2.0.0')).toContainText('Remedy');
});

test('links lead from a backbone to a dependent release and back', async ({ page }) => {
  await page.goto('/modules/acme/tiny-bert');
  await page.getByRole('link', { name: 'acme/topics@1.1.0' }).first().click();
  await expect(page).toHaveURL(/\/modules\/acme\/topics\/1\.1\.0$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('topics 1.1.0');
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('tiny-bert');
});
