import { expect, test } from './page';

test('a module shows its releases, their state and its channels', async ({ page }) => {
  await page.goto('/modules/acme/topics');
  const releases = page.getByRole('region', { name: 'Releases' });
  const row = (version: string) => releases.getByRole('row').filter({ hasText: version });
  await expect(row('1.1.0')).toContainText('Published');
  await expect(row('1.0.0')).toContainText('Deprecated');
  await expect(row('1.0.0')).toContainText('Trained before the June mails');
  const channels = page.getByRole('region', { name: 'Channels' });
  await expect(channels).toContainText('stable');
});

test('what one may not do is not offered', async ({ page }) => {
  await page.goto('/modules/acme/topics');
  await expect(page.getByRole('region', { name: 'Channels' })).toContainText('stable');
  await expect(page.getByRole('button', { name: /Roll back|New channel/ })).toHaveCount(0);
});

test('a backbone shows what attaches to it, and links lead there and back', async ({ page }) => {
  await page.goto('/modules/acme/tiny-bert');
  const dependents = page.getByRole('region', { name: 'What attaches to it' });
  const line = dependents.getByRole('row').filter({ hasText: 'acme/topics' });
  await expect(line).toContainText('Incompatible');
  await dependents.getByRole('link', { name: 'acme/topics' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('topics');
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('tiny-bert');
});
