import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';
import { REASON } from './registry';

const WEIGHTS = '../tests/fixtures/tiny/bert/adapters/rslora/adapter_model.safetensors';
const TOPICS = '/modules/acme/topics/1.1.0';
const SECTIONS = '/modules/demo/debian-sections-lora/1.0.0';

/** Each part of a release, with what has to be there before it is looked at. */
const PARTS = [
  [SECTIONS, 'How to use it'],
  [`${SECTIONS}?tab=smoke`, 'Updates by layer'],
  [`${SECTIONS}?tab=smoke&measure=rank`, 'the outline is how many it could'],
  [`${SECTIONS}?manifest=toml`, 'name = "demo/debian-sections-lora"'],
  ['/modules/demo/minilm/1.0.0?tab=interface', 'Attach points'],
  [`${SECTIONS}?tab=provenance`, 'Where it says it comes from'],
  [`${TOPICS}?tab=findings`, 'Findings'],
  ['/modules/acme/scales/1.0.0?tab=files', 'nobody can download these bytes'],
] as const;

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`each part of a release is accessible and fits, ${scheme}, ${width} pixels wide`, async ({
      page,
    }) => {
      test.setTimeout(180_000);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      for (const [path, text] of PARTS) {
        await page.goto(path);
        await expect(page.getByText(text).first()).toBeVisible();
        await expectNoSidewaysScroll(page);
        await expectAccessible(page);
      }
    });
  }
}

test('a release says what it is, what it needs and how to use it', async ({ page, context }) => {
  await page.goto(TOPICS);
  const manifest = page.getByRole('region', { name: 'Manifest' });
  await expect(manifest).toContainText('MIT');
  await expect(manifest).toContainText('>=1, <3');
  const home = page.getByRole('main').getByRole('link', { name: '1.0.0', exact: true });
  await expect(home).toHaveAttribute('href', '/modules/acme/tiny-bert/1.0.0');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const command = 'cambium download acme/topics@1.1.0';
  await page.getByRole('button', { name: `Copy the command ${command}` }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(command);
});

test('the parts of a release have addresses, and the way back leads through them', async ({
  page,
}) => {
  await page.goto(TOPICS);
  const parts = page.getByRole('navigation', { name: 'Parts of this release' });
  await parts.getByRole('link', { name: 'Provenance' }).click();
  await expect(page).toHaveURL(/tab=provenance/);
  const lineage = page.getByRole('region', { name: 'Lineage' });
  await expect(lineage).toContainText('acme/tiny-bert@1.0.0');
  await expect(lineage).toContainText('acme/support-mails');
  await page.reload();
  await expect(lineage).toContainText('acme/support-mails');
  await expect(parts.locator('[aria-current=page]')).toHaveText('Provenance');
  await page.goBack();
  await expect(page.getByRole('region', { name: 'How to use it' })).toBeVisible();
});

test('a backbone shows how it ran alone, check by check', async ({ page }) => {
  await page.goto('/modules/acme/tiny-bert/1.0.0');
  const run = page.getByRole('region', { name: 'Smoke run' });
  await expect(run).toContainText('Proven: it works');
  await expect(run).toContainText('Peak memory');
  await run.getByRole('link', { name: 'The whole report' }).click();
  const check = (name: string) =>
    page.getByRole('table', { name: 'Checks' }).getByRole('row').filter({ hasText: name });
  await expect(check('Loads')).toContainText('Passed');
  await expect(check('Output contract')).toContainText('last_hidden_state');
  await expect(check('Adapter effect')).toContainText('Skipped');
});

test('an adapter shows what it costs, what it changes and how well it does', async ({ page }) => {
  await page.goto(`${SECTIONS}?tab=smoke`);
  const run = page.getByRole('region', { name: 'Smoke run' });
  await expect(run).toContainText('demo/debian-sections-lora@1.0.0 ran on demo/minilm@1.0.0');
  await expect(page.getByRole('region', { name: 'Cost' })).toContainText('× the bare backbone');
  const scores = page.getByRole('table', { name: 'Accuracy by group' });
  await expect(scores.getByRole('row').filter({ hasText: 'All rows' })).toContainText('±');
  await expect(scores.getByRole('row').filter({ hasText: 'short' })).toBeVisible();
  const updates = page.getByRole('region', { name: 'Updates by layer' });
  const strip = updates.getByRole('grid');
  await strip.focus();
  await page.keyboard.press('ArrowRight');
  await expect(updates).toContainText('encoder.layer.1.attention.self.query.weight');
  await updates.getByRole('radio', { name: 'Effective rank' }).check({ force: true });
  await expect(page).toHaveURL(/measure=rank/);
  await expect(updates).toContainText('of 8');
});

test('a run on another backbone says what was lost, and leads back to the matrix', async ({
  page,
  request,
}) => {
  const pair = await request.get('/api/v1/compatibility', {
    params: { dependent: 'demo/debian-sections-head@1.0.0', base: 'demo/minilm@2.0.0' },
  });
  const { smoke_run } = (await pair.json()) as { smoke_run: string };
  await page.goto(`/smoke-runs/${smoke_run}`);
  const behaviour = page.getByRole('region', { name: 'Behaviour' });
  await expect(behaviour.getByRole('img', { name: /It answers worse/ })).toBeVisible();
  await expect(behaviour.getByRole('img', { name: /Correlation/ })).toBeVisible();
  await expect(behaviour).toContainText('Its metric was measured on both, and that decides');
  await expect(page.getByText(/cambium smoke .* --home minilm-1.0.0/)).toBeVisible();
  await page.getByRole('link', { name: 'Matrix' }).click();
  await expect(page).toHaveURL(/\/modules\/demo\/minilm\/matrix/);
});

test('parameters are found by their names, and the keyboard goes through them', async ({
  page,
}) => {
  await page.goto('/modules/demo/minilm/1.0.0?tab=interface');
  await page.getByRole('searchbox', { name: 'Look for attach points' }).fill('layer.3. query');
  await expect(page).toHaveURL(/find=/);
  await expect(page.getByText('2 of 103')).toBeVisible();
  const tree = page.getByRole('tree', { name: 'Attach points' });
  await tree.focus();
  await page.keyboard.press('End');
  const active = tree.getByRole('treeitem', { selected: true });
  await expect(active).toHaveAttribute('title', 'encoder.layer.3.attention.self.query.weight');
  await expect(active).toContainText('384 × 384');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(active).toHaveAttribute('aria-expanded', 'false');
});

test('a file downloads with the bytes that were published', async ({ page }) => {
  await page.goto(`${TOPICS}?tab=files`);
  const started = page.waitForEvent('download');
  await page.getByRole('link', { name: 'adapter_model.safetensors' }).click();
  const download = await started;
  const sha256 = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  expect(await sha256(await download.path())).toBe(await sha256(WEIGHTS));
});

test('a quarantined release says why and gives no bytes', async ({ page }) => {
  await page.goto('/modules/acme/scales/1.0.0?tab=files');
  await expect(page.getByText(REASON).first()).toBeVisible();
  const files = page.getByRole('region', { name: 'Files' });
  await expect(files).toContainText('adapter_model.safetensors');
  await expect(files.getByRole('link')).toHaveCount(0);
});

test('a deprecated release leads to its replacement', async ({ page }) => {
  await page.goto('/modules/acme/topics/1.0.0');
  await page.getByRole('main').getByRole('link', { name: 'acme/topics@1.1.0' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('topics 1.1.0');
});

test('the name of a channel is an address too, which leads to the one that stays', async ({
  page,
}) => {
  await page.goto('/modules/demo/debian-sections-lora/stable');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('debian-sections-lora 1.0.0');
  await page.getByRole('link', { name: '1.0.0 for good' }).click();
  await expect(page).toHaveURL(/\/debian-sections-lora\/1\.0\.0$/);
});
