import type { Page } from '@playwright/test';
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';

const box = (page: Page) => page.getByRole('searchbox', { name: 'Search modules' });
const line = (page: Page, name: string) =>
  page.getByRole('main').getByRole('listitem').filter({ hasText: name });

/** The list and its counts come late; everything else is as always. */
async function slowly(page: Page, ms: number): Promise<void> {
  const later = async (route: { continue: () => Promise<void> }) => {
    await new Promise((done) => setTimeout(done, ms));
    await route.continue();
  };
  await page.route(/\/api\/v1\/(modules\?|module-facets)/, later);
}

test('the modules are a press away from the front door', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('navigation').getByRole('link', { name: 'Modules' }).click();
  await expect(page).toHaveURL(/\/modules$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Modules');
  await expect(line(page, 'acme/topics')).toBeVisible();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`the list says what each module is and what is proven of it, ${scheme}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto('/modules?query=acme/topics');
    const topics = line(page, 'acme/topics');
    for (const words of [
      'Adapter',
      'Sorts support mails by topics',
      '1.1.0',
      'Published',
      'Compatible',
      'text-classification',
      'acme/tiny-bert',
      '2 releases',
    ]) {
      await expect(topics).toContainText(words);
    }
    await expectAccessible(page);
    await page.goto('/modules?query=nothing-is-called-so');
    await expect(page.getByText('No module fits')).toBeVisible();
    await expectAccessible(page);
  });
}

test('typing loses no letter while answers are slow, and the address ends with what was typed', async ({
  page,
}) => {
  await page.goto('/modules');
  await expect(line(page, 'acme/scales')).toBeVisible();
  await slowly(page, 700);
  await page.keyboard.press('/');
  await expect(box(page)).toBeFocused();
  // Slower than the pause after which one is asked for, so that answers and letters overtake each other.
  await page.keyboard.type('support mails by topics', { delay: 140 });
  await expect(box(page)).toHaveValue('support mails by topics');
  await expect(box(page)).toBeFocused();
  await expect(page).toHaveURL(/query=support(\+|%20)mails(\+|%20)by(\+|%20)topics$/);
  await expect(page.getByRole('status').filter({ hasText: /^1 module$/ })).toBeVisible();
  await page.reload();
  await expect(box(page)).toHaveValue('support mails by topics');
  await expect(page.getByRole('link', { name: 'acme/topics' })).toBeVisible();
});

test('facets narrow the list, the address says so, and each is taken away again', async ({
  page,
}) => {
  await page.goto('/modules');
  await page.getByRole('group', { name: 'Namespace' }).getByLabel(/^acme/).check();
  await page
    .getByRole('group', { name: 'Kind' })
    .getByLabel(/^Backbone/)
    .check();
  await expect(page).toHaveURL(/kind=backbone/);
  await expect(page).toHaveURL(/namespace=acme/);
  await expect(page.getByRole('link', { name: 'acme/tiny-bert' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'acme/topics' })).toBeHidden();
  await page.getByRole('button', { name: 'Remove the filter Kind: Backbone' }).click();
  await expect(page.getByRole('link', { name: 'acme/topics' })).toBeVisible();
  const last = page.getByRole('button', { name: 'Remove the filter Namespace: acme' });
  await expect(last).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(box(page)).toBeFocused();
  await expect(page).toHaveURL(/\/modules$/);
});

test('what state a release is in narrows the list too, quarantine first of all', async ({
  page,
}) => {
  await page.goto('/modules?state=quarantined');
  await expect(line(page, 'acme/scales')).toContainText('Quarantined');
  await expect(page.getByRole('link', { name: 'acme/topics' })).toBeHidden();
});

test('the list is walked by keyboard, and Enter opens', async ({ page }) => {
  await page.goto('/modules?query=acme/');
  await expect(line(page, 'acme/topics')).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('link', { name: 'acme/scales' })).toBeFocused();
  await page.keyboard.press('j');
  await expect(page.getByRole('link', { name: 'acme/tiny-bert' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('k');
  await expect(page.getByRole('link', { name: 'acme/tiny-bert' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(box(page)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(box(page)).not.toBeFocused();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('tiny-bert');
});

test('Enter right after typing opens what is found by it', async ({ page }) => {
  await page.goto('/modules');
  await expect(line(page, 'acme/scales')).toBeVisible();
  await slowly(page, 400);
  await page.keyboard.press('/');
  await page.keyboard.type('acme/topics');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('topics');
});

test('a long list goes on as one scrolls, and who comes back finds their place', async ({
  page,
}) => {
  await page.goto('/modules');
  await expect(page.getByText(/^50 of \d+ modules$/)).toBeVisible();
  await page.mouse.move(720, 450);
  const probe = page.getByRole('link', { name: 'spare/probe-54' });
  await expect(async () => {
    await page.mouse.wheel(0, 1500);
    await expect(probe).toBeVisible({ timeout: 500 });
  }).toPass();
  // Only what is near the window is there.
  expect(await page.getByRole('main').getByRole('listitem').count()).toBeLessThan(45);
  const before = await page.evaluate(() => window.scrollY);
  await probe.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('probe-54');
  await page.goBack();
  await expect(probe).toBeFocused();
  expect(Math.abs((await page.evaluate(() => window.scrollY)) - before)).toBeLessThan(80);
});

test('on a phone filters are in a drawer, and everything fits', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/modules');
  await page.getByRole('button', { name: 'Filters' }).click();
  const drawer = page.getByRole('dialog', { name: 'Filters' });
  await drawer.getByLabel(/^Backbone/).check();
  await expectAccessible(page);
  await drawer.getByRole('button', { name: /^Show \d+ modules$/ }).click();
  await expect(drawer).toBeHidden();
  await expect(page.getByRole('link', { name: 'acme/tiny-bert' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Filters (1)' })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
});

test('a list that is refused says why, and search goes on', async ({ page }) => {
  await page.goto('/modules');
  await expect(line(page, 'acme/scales')).toBeVisible();
  const refuse = { status: 503, json: {}, contentType: 'application/json' };
  await page.route(/\/api\/v1\/modules\?.*query=topi/, (route) => route.fulfill(refuse));
  await box(page).fill('topi');
  await expect(page.getByRole('alert').filter({ hasText: 'unexpected_answer' })).toBeVisible();
  await box(page).fill('scales');
  await expect(line(page, 'acme/scales')).toBeVisible();
});
