import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';
import { signIn } from './session';

test('the log is for those who are signed in', async ({ page }) => {
  await page.goto('/activity?actor=admin');
  await expect(page.getByText('Sign in to see the log')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Token', { exact: true }).fill(process.env.CAMBIUM_E2E_TOKEN ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/activity\?actor=admin$/);
  await expect(page.getByText('signed in').first()).toBeVisible();
});

test('somebody finds out who took a release back, and why', async ({ page }) => {
  await signIn(page);
  await page.goto('/activity');
  await page.getByLabel('Action', { exact: true }).selectOption('release.quarantine');
  await expect(page).toHaveURL(/action=release\.quarantine/);
  const entry = page.getByRole('listitem').filter({ hasText: 'acme/scales@1.0.0 was quarantined' });
  await expect(entry).toContainText('Answers nothing but games since the last retraining');
  await expect(entry).toContainText('admin');
  await entry.getByRole('button', { name: 'Everything that is known of it' }).click();
  await expect(entry).toContainText('"to": "quarantined"');
  await expect(entry.getByText('Request', { exact: true })).toBeVisible();
  await expectAccessible(page);
  await entry.getByRole('link', { name: 'acme/scales@1.0.0' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('scales');
});

test('the log of one module is narrowed further, and the address says so', async ({ page }) => {
  await signIn(page);
  await page.goto('/activity');
  await expect(page.getByRole('listitem').first()).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('acme/topics');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/module=acme/);
  await page.getByLabel('Action', { exact: true }).selectOption('channel');
  const entries = page.getByRole('main').getByRole('listitem');
  await expect(entries.filter({ hasText: 'stable of acme/topics points at 1.0.0' })).toHaveCount(1);
  for (const text of await entries.allTextContents()) expect(text).toContain('of acme/topics');
  await page.reload();
  await expect(page.getByLabel('Module')).toHaveValue('acme/topics');
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page).toHaveURL(/\/activity$/);
});

test('a long log goes on when asked', async ({ page }) => {
  await signIn(page);
  await page.goto('/activity');
  await expect(page.getByText('50 entries so far')).toBeVisible();
  await page.getByRole('button', { name: 'Load more' }).click();
  const entries = page.getByRole('main').getByRole('listitem');
  await expect.poll(() => entries.count()).toBeGreaterThan(50);
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`the log is accessible and fits, ${scheme}, ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await signIn(page);
      await page.goto('/activity');
      await expect(page.getByRole('region', { name: 'Today' })).toBeVisible();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    });
  }
}
