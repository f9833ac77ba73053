import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from './page';
import { REASON } from './registry';

const WEIGHTS = '../tests/fixtures/tiny/bert/adapters/rslora/adapter_model.safetensors';

test('a release shows what it says of itself and where it comes from', async ({ page }) => {
  await page.goto('/modules/acme/topics/1.1.0');
  const manifest = page.getByRole('region', { name: 'Manifest' });
  await expect(manifest).toContainText('MIT');
  await expect(manifest).toContainText('>=1, <3');
  await page.getByRole('link', { name: 'Provenance' }).click();
  const lineage = page.getByRole('region', { name: 'Lineage' });
  await expect(lineage).toContainText('acme/tiny-bert@1.0.0');
  await expect(lineage).toContainText('acme/support-mails');
});

test('a backbone shows how it ran alone, check by check', async ({ page }) => {
  await page.goto('/modules/acme/tiny-bert/1.0.0');
  await page.getByRole('link', { name: 'Smoke report' }).click();
  const checks = page.getByRole('region', { name: 'Check by check' });
  const check = (name: string) => checks.getByRole('row').filter({ hasText: name });
  await expect(check('Loads')).toContainText('Passed');
  await expect(check('Output contract')).toContainText('last_hidden_state');
  await expect(page.getByRole('region', { name: 'Cost' })).toContainText('Peak memory');
});

test('an adapter shows the run that proved it, on the backbone it was made for', async ({
  page,
}) => {
  await page.goto('/modules/acme/topics/1.1.0');
  const run = page.getByRole('region', { name: 'Smoke run' });
  await expect(run).toContainText('acme/topics@1.1.0 ran on acme/tiny-bert@1.0.0');
  await expect(run).toContainText('Compatible');
  // What drifted is said where the pair is: in the backbone's matrix.
  await expect(run).not.toContainText('behaviour_drift');
});

test('a file downloads with the bytes that were published', async ({ page }) => {
  await page.goto('/modules/acme/topics/1.1.0');
  await page.getByRole('link', { name: /^Files/ }).click();
  const started = page.waitForEvent('download');
  await page
    .getByRole('region', { name: 'Files' })
    .getByRole('link', { name: /adapter_model.safetensors/ })
    .first()
    .click();
  const download = await started;
  const sha256 = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  expect(await sha256(await download.path())).toBe(await sha256(WEIGHTS));
});

test('a quarantined release says why and gives no bytes', async ({ page }) => {
  await page.goto('/modules/acme/scales/1.0.0');
  await expect(page.getByText(REASON).first()).toBeVisible();
  await page.getByRole('link', { name: /^Files/ }).click();
  const files = page.getByRole('region', { name: 'Files' });
  await expect(files).toContainText('adapter_model.safetensors');
  await expect(files.getByRole('link')).toHaveCount(0);
});

test('a deprecated release leads to its replacement', async ({ page }) => {
  await page.goto('/modules/acme/topics/1.0.0');
  await page.getByRole('main').getByRole('link', { name: 'acme/topics@1.1.0' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('topics 1.1.0');
});

test('the name of a channel is an address too', async ({ page }) => {
  await page.goto('/modules/acme/topics/stable');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('topics 1.1.0');
});
