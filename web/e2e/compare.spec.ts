import type { Page } from '@playwright/test';
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';

const region = (page: Page, name: string) => page.getByRole('region', { name });

test('two releases are chosen on the module, and compared from the older to the newer', async ({
  page,
}) => {
  await page.goto('/modules/acme/topics');
  await page.getByRole('checkbox', { name: 'Compare 1.1.0' }).check();
  await page.getByRole('checkbox', { name: 'Compare 1.0.0' }).check();
  await page.getByRole('link', { name: 'Compare 1.0.0 with 1.1.0' }).click();
  await expect(page).toHaveURL(/compare\?from=1\.0\.0&to=1\.1\.0$/);
  const config = region(page, 'Files').getByRole('row', { name: /adapter_config\.json/ });
  await expect(config.getByRole('img', { name: 'Changed' })).toHaveText('~');
});

test('the sides are swapped, chosen anew, and may be channels', async ({ page }) => {
  await page.goto('/modules/acme/topics/compare?from=1.0.0&to=1.1.0');
  await expect(region(page, 'Files')).toContainText('adapter_model.safetensors');
  await page.getByRole('button', { name: 'Swap the sides' }).click();
  await expect(page).toHaveURL(/from=1\.1\.0&to=1\.0\.0/);
  await expect(page.getByRole('columnheader', { name: 'In 1.1.0' }).first()).toBeVisible();
  await page.getByRole('combobox', { name: 'To' }).fill('stab');
  await page.getByRole('option', { name: 'stable' }).click();
  await expect(page).toHaveURL(/to=stable/);
});

test('what is the same shows when it is asked for', async ({ page }) => {
  await page.goto('/modules/demo/minilm/compare?from=1.0.0&to=2.0.0');
  await expect(region(page, 'Interface')).toContainText('attach points, the same in both');
  const files = region(page, 'Files');
  await expect(files.getByRole('row', { name: /model\.safetensors/ })).toBeVisible();
  await expect(files.getByRole('row', { name: /config\.json/ })).toHaveCount(0);
  await page.getByRole('switch', { name: 'Show what is the same too' }).check();
  await expect(page).toHaveURL(/all=true/);
  await expect(files.getByRole('row', { name: /^The same config\.json/ })).toBeVisible();
  await expect(region(page, 'Run').getByRole('row', { name: /Device/ })).toContainText('cpu');
});

test('a release that is not there is refused with its reason, and others can be chosen', async ({
  page,
}) => {
  await page.goto('/modules/acme/topics/compare?from=1.0.0&to=9.9.9');
  await expect(page.getByRole('alert')).toContainText('not_found');
  await page.getByRole('combobox', { name: 'To' }).click();
  await page.getByRole('option', { name: /^1\.1\.0/ }).click();
  await expect(region(page, 'Files')).toContainText('adapter_model.safetensors');
});

test('without two sides, what changed last is a press away', async ({ page }) => {
  await page.goto('/modules/acme/topics/compare');
  await expect(page.getByText('Choose two releases')).toBeVisible();
  await page.getByRole('link', { name: '1.0.0 with 1.1.0' }).click();
  await expect(region(page, 'Files')).toContainText('adapter_model.safetensors');
});

for (const scheme of ['light', 'dark'] as const) {
  test(`a comparison is accessible and fits a phone, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto('/modules/acme/topics/compare?from=1.0.0&to=1.1.0&all=true');
    await expect(region(page, 'Run')).toContainText('Forward pass');
    await expectAccessible(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
}
