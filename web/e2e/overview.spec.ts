import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';
import { REASON } from './registry';
import { asAdmin, signIn } from './session';

test('what is wrong comes first, and leads to what explains it', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
  const quarantined = page.getByRole('region', { name: 'In quarantine' });
  // Which says it with ticks, and is shown without.
  await expect(quarantined).toContainText(REASON.replaceAll('`', ''));
  const broken = page.getByRole('region', { name: 'Broken pairs' });
  const pair = broken.getByRole('link', { name: 'acme/topics@1.1.0 does not work' });
  await expect(pair).toBeVisible();
  // Above what is merely new.
  const top = async (name: string) =>
    (await page.getByRole('region', { name }).boundingBox())?.y ?? 0;
  expect(await top('Broken pairs')).toBeLessThan(await top('Lately'));
  await pair.click();
  await expect(page).toHaveURL(/\/modules\/acme\/tiny-bert\/matrix\?/);
  await page.goBack();
  await quarantined.getByRole('link', { name: 'acme/scales@1.0.0' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('scales');
});

test('attempts that were refused show to who may publish, and to nobody else', async ({ page }) => {
  const refused = page.getByRole('region', { name: 'Refused', exact: true });
  await page.goto('/');
  await expect(page.getByRole('region', { name: 'Lately' })).toBeVisible();
  await expect(refused).toBeHidden();
  await signIn(page);
  await page.goto('/');
  await expect(refused.getByRole('link').first()).toHaveAttribute('href', /^\/drafts\//);
});

test('figures lead to the lists that they count', async ({ page }) => {
  await page.goto('/');
  const figure = page.getByRole('link', { name: /^Backbone \d+$/ });
  const count = Number(/\d+$/.exec((await figure.innerText()).trim())?.[0]);
  expect(count).toBeGreaterThan(0);
  await figure.click();
  await expect(page).toHaveURL(/\/modules\?kind=backbone/);
  const main = page.getByRole('main');
  await expect(
    main.getByText(count === 1 ? '1 module' : `${count} modules`, { exact: true }),
  ).toBeVisible();
  const lines = main.getByRole('listitem');
  await expect(lines.filter({ hasText: 'acme/tiny-bert' })).toBeVisible();
  await expect(lines.filter({ hasText: 'acme/topics' })).toHaveCount(0);
});

test('what happens appears by itself', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  const answer = await page.request.put('/api/v1/modules/acme/tiny-bert/channels/overview', {
    data: { version: '1.0.0', reason: 'to see it appear' },
    headers: asAdmin(),
  });
  expect(answer.ok()).toBe(true);
  const lately = page.getByRole('region', { name: 'Lately' });
  await expect(lately).toContainText('overview of acme/tiny-bert points at 1.0.0');
});

test('an empty registry shows how the first module gets in', async ({ page }) => {
  await page.route('**/api/v1/overview', async (route) => {
    const body = (await (await route.fetch()).json()) as object;
    const none = { modules: {}, releases: {}, under_way: [], refused: [], quarantined: [] };
    await route.fulfill({ json: { ...body, ...none, broken: [], recent: [] } });
  });
  await page.goto('/');
  await expect(page.getByText(/^cambium publish DIR/)).toBeVisible();
  await expectAccessible(page);
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`the front page is accessible and fits, ${scheme}, ${width} pixels wide`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await signIn(page);
      await page.goto('/');
      await expect(page.getByRole('region', { name: 'Lately' })).toBeVisible();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    });
  }
}
