import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';
import { newToken, revoke, signIn } from './session';

const TOKEN = () => process.env.CAMBIUM_E2E_TOKEN ?? '';

test('who signs in is led back, and can sign out again', async ({ page }) => {
  await page.goto('/tokens');
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/sign-in\?then=/);
  await expect(page.getByText('admin-token').first()).toBeVisible();
  await page.getByLabel('Token', { exact: true }).fill('cbm_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('token_invalid');
  await page.getByLabel('Token', { exact: true }).fill(TOKEN());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/tokens$/);
  await expect(page.getByRole('table', { name: 'My tokens' })).toContainText('first start');
  const cookies = await page.context().cookies();
  expect(cookies.find(({ name }) => name === 'cambium_session')?.httpOnly).toBe(true);
  await page.getByRole('button', { name: 'Signed in as admin' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByText('Sign in to see your tokens')).toBeVisible();
  expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('cambium_session');
});

test('nobody is led to another site after signing in', async ({ page }) => {
  await page.goto('/sign-in?then=https://elsewhere.example/');
  await page.getByLabel('Token', { exact: true }).fill(TOKEN());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
});

test('a token is made, shown once, good for what it says, and revoked', async ({ page }) => {
  await signIn(page);
  await page.goto('/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('made in a test');
  await dialog.getByRole('checkbox', { name: 'read' }).check();
  await expect(dialog).toContainText('Read everywhere.');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Make the token' }).click();
  const text = await dialog.getByText(/^cbm_/).textContent();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'I have copied it' }).click();
  await expect(page.getByText(text ?? '')).toHaveCount(0);
  const headers = { Authorization: `Bearer ${text ?? ''}` };
  const ask = () => page.request.get('/api/v1/whoami', { headers });
  expect(await (await ask()).json()).toMatchObject({ scope: { actions: ['read'] } });
  await page.getByRole('button', { name: 'Revoke made in a test' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  const line = page.getByRole('row').filter({ hasText: 'made in a test' });
  await expect(line).toContainText('Revoked');
  expect((await ask()).status()).toBe(401);
});

test('a session that ends under a form asks for the token, and the form is sent after all', async ({
  page,
}) => {
  const { id, token } = await newToken(page);
  await signIn(page, token);
  await page.goto('/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name').fill('typed before the end');
  await revoke(page, id);
  await page.getByRole('button', { name: 'Make the token' }).click();
  const ended = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(ended).toContainText('session_expired');
  await expectAccessible(page);
  await ended.getByLabel('Token', { exact: true }).fill(TOKEN());
  await ended.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The token typed before the end')).toBeVisible();
});

test('who goes on signed out sees what everybody may, and is reminded', async ({ page }) => {
  const { id, token } = await newToken(page);
  await signIn(page, token);
  await page.goto('/modules/acme/topics');
  await expect(page.getByRole('button', { name: 'Signed in as admin' })).toBeVisible();
  await revoke(page, id);
  await page.getByRole('link', { name: 'Activity' }).click();
  await page.getByRole('button', { name: 'Go on signed out' }).click();
  await expect(page.getByText('Your session has ended; you see')).toBeVisible();
  await expect(page.getByText('Sign in to see the log')).toBeVisible();
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`signing in and tokens are accessible and fit, ${scheme}, ${width} pixels wide`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await page.goto('/sign-in');
      await expect(page.getByText('Where is my token?')).toBeVisible();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await signIn(page);
      await page.goto('/tokens');
      await expect(page.getByText('first start')).toBeVisible();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    });
  }
}
