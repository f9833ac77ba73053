import { gzipSync } from 'node:zlib';
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';
import { signIn } from './session';

/** Every page, with what has to be there before it is looked at. */
const PAGES = [
  ['overview', '/', 'Lately'],
  ['modules', '/modules', 'Sorts support mails by topics'],
  ['modules-none', '/modules?query=nothing-is-called-so', 'No module fits'],
  ['module', '/modules/acme/topics', 'Trained before the June mails'],
  ['backbone', '/modules/acme/tiny-bert', 'What attaches to it'],
  ['matrix', '/modules/acme/tiny-bert/matrix', 'What fits on which release'],
  ['compare', '/modules/acme/topics/compare?from=1.0.0&to=1.1.0', 'adapter_model.safetensors'],
  ['release', '/modules/acme/topics/1.1.0', 'Peak memory'],
  ['release-quarantined', '/modules/acme/scales/1.0.0', 'Peak memory'],
  ['lineage', '/lineage?of=acme/topics@1.1.0', 'acme/support-mails'],
  ['lineage-list', '/lineage?of=acme/topics@1.1.0&view=list', 'acme/support-mails'],
  ['sign-in', '/sign-in', 'Token'],
  ['refused', '/modules/acme/no-such-module', 'not_found'],
  ['missing', '/no/such/page', 'The address leads nowhere'],
] as const;

/** Those that need somebody who is signed in. */
const OWN_PAGES = [
  ['activity', '/activity', 'Who did what'],
  ['tokens', '/tokens', 'first start'],
  ['drafts', '/drafts', 'for-another-backbone'],
] as const;

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`every page is accessible and fits, ${scheme}, ${width} pixels wide`, async ({ page }) => {
      // Many pages, each looked through rule by rule.
      test.setTimeout(300_000);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      for (const [name, path, text] of [...PAGES, ...OWN_PAGES]) {
        if (name === OWN_PAGES[0][0]) await signIn(page);
        await page.goto(path);
        await expect(page.getByText(text).first()).toBeVisible();
        const shot = test.info().outputPath(`${name}-${scheme}-${width}.png`);
        await page.screenshot({ path: shot, fullPage: true });
        await expectNoSidewaysScroll(page);
        await expectAccessible(page);
      }
    });
  }
}

test('it fits on 360 pixels', async ({ page }) => {
  test.setTimeout(120_000);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const [name, path, text] of [...PAGES, ...OWN_PAGES]) {
    if (name === OWN_PAGES[0][0]) await signIn(page);
    await page.goto(path);
    await expect(page.getByText(text).first()).toBeVisible();
    await expectNoSidewaysScroll(page);
  }
});

test('the theme follows the system until somebody chooses, and is kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/modules');
  const root = page.locator('html');
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'light');
  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.reload();
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark');
});

test('the first load is under 300 KB of compressed scripts', async ({ page }) => {
  test.setTimeout(90_000);
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (answer) => {
    if (answer.url().endsWith('.js')) bodies.push(answer.body());
  });
  await page.goto('/modules', { waitUntil: 'load' });
  await expect(page.getByRole('link', { name: 'acme/topics' })).toBeVisible();
  const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThan(300_000);
});
