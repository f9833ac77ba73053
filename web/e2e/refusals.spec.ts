import { expect, test } from './page';

test('what is not there is refused with code, detail and remedy', async ({ page }) => {
  await page.goto('/modules/acme/no-such-module');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('not_found');
  await expect(alert).toContainText('acme/no-such-module');
});

test('an address that leads nowhere says so and leads on', async ({ page }) => {
  await page.goto('/no/such/page');
  await expect(page.getByText('The address leads nowhere')).toBeVisible();
  await page.getByRole('link', { name: 'all modules' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Modules');
});

test('a server that is gone is said, and the page comes back by itself', async ({ page }) => {
  await page.goto('/modules');
  await expect(page.getByRole('link', { name: 'acme/topics' })).toBeVisible();
  await page.route('**/api/v1/modules/**', (route) => route.abort());
  await page.getByRole('link', { name: 'acme/topics' }).click();
  await expect(page.getByRole('alert')).toContainText('server_unreachable');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await page.unroute('**/api/v1/modules/**');
  await expect(page.getByRole('region', { name: 'Releases' })).toContainText('1.1.0');
});

test('the reference of the API is a link away', async ({ page }) => {
  await page.goto('/modules');
  const link = page.getByRole('link', { name: 'API' });
  await expect(link).toHaveAttribute('href', '/docs');
  const answer = await page.request.get('/docs');
  expect(answer.status()).toBe(200);
  expect(await answer.text()).toContain('swagger');
});
