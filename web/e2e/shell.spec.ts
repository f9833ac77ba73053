import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';

test('a slash pressed as soon as the page shows is not lost', async ({ page }) => {
  for (let times = 0; times < 5; times += 1) {
    await page.goto('/modules');
    await page.getByRole('searchbox').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('topi');
    await expect(page.getByRole('searchbox')).toHaveValue('topi');
  }
});

test('keys lead from page to page', async ({ page }) => {
  await page.goto('/modules');
  await expect(page.getByRole('searchbox')).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Activity');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('the palette finds a module without the mouse, and remembers it', async ({ page }) => {
  await page.goto('/modules');
  await expect(page.getByRole('searchbox')).toBeVisible();
  await page.keyboard.press('Control+k');
  const box = page.getByRole('combobox', { name: /Find modules/ });
  await box.fill('topi');
  await expect(page.getByRole('option', { name: /acme\/topics/ })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/modules\/acme\/topics$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('topics');
  await page.keyboard.press('Control+k');
  const recent = page.getByRole('group', { name: 'Recent' });
  await expect(recent.getByRole('option').first()).toContainText('acme/topics');
});

test('the way past the navigation is the first stop of the keyboard', async ({ page }) => {
  await page.goto('/modules');
  await expect(page.getByRole('searchbox')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('on a phone the menu unfolds, and closes when it has led somewhere', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/modules');
  const nav = page.getByRole('navigation', { name: 'Main' });
  await expect(nav).toBeHidden();
  await page.getByRole('button', { name: 'Menu' }).click();
  await expectAccessible(page);
  await nav.getByRole('link', { name: 'Overview' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
  await expect(nav).toBeHidden();
});

test('every width between a phone and a wall has its navigation', async ({ page }) => {
  for (const width of [360, 700, 900, 1000, 1199, 1200, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto('/modules');
    await expect(page.getByRole('searchbox')).toBeVisible();
    await expectNoSidewaysScroll(page);
  }
});
