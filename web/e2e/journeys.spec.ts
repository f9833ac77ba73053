// What people come for, from the first page to the answer.

import { expect, expectAccessible, test } from './page';
import { startServer } from './server';
import { newToken, point, revoke, signIn } from './session';

test('somebody finds the adapter that was refused, and learns why and what to do', async ({
  page,
}) => {
  await signIn(page);
  await page.goto('/');
  const refused = page.getByRole('region', { name: 'Refused' });
  await refused.getByRole('link', { name: 'demo/for-another-backbone@1.0.0' }).first().click();
  await expect(page).toHaveURL(/\/drafts\//);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('for-another-backbone 1.0.0');
  await expect(page.getByText('target_not_found').first()).toBeVisible();
  const remedy = 'or require the backbone that it was trained on';
  await expect(page.getByText(remedy).first()).toBeVisible();
  await expectAccessible(page);
});

test('somebody sees what the new backbone breaks, and the numbers behind it', async ({ page }) => {
  await page.goto('/modules/demo/minilm/matrix');
  await expect(page.getByText('2.0.0, the newest, breaks 3 releases of 3 modules')).toBeVisible();
  await page.getByRole('button', { name: 'Show only what breaks on 2.0.0' }).click();
  await expect(page.getByRole('row', { name: /debian-games-lora/ })).toBeHidden();
  await page
    .getByRole('gridcell', { name: 'demo/debian-sections-lora 1.0.0 on 2.0.0: incompatible' })
    .click();
  const why = page.getByRole('region', { name: /debian-sections-lora/ });
  await expect(why.getByText('behaviour_drift')).toBeVisible();
  await expectAccessible(page);
  await why.getByRole('link', { name: /smoke run/i }).click();
  await expect(page).toHaveURL(/\/smoke-runs\//);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('on demo/minilm@2.0.0');
  await expect(page.getByText('Incompatible').first()).toBeVisible();
  await expectAccessible(page);
});

test('somebody follows an adapter to the data set that it was trained on', async ({ page }) => {
  await page.goto('/modules/acme/topics/1.1.0');
  await page.getByRole('link', { name: 'Provenance' }).click();
  await page.getByRole('link', { name: 'As a graph' }).click();
  await expect(page).toHaveURL(/\/lineage\?of=/);
  await page.getByRole('searchbox', { name: 'Find in the graph' }).fill('support-mails');
  await page.keyboard.press('Enter');
  const details = page.getByRole('complementary', { name: 'Details' });
  await expect(details.getByRole('heading', { level: 2 })).toContainText('acme/support-mails');
  await expect(details.getByText('Data set')).toBeVisible();
  await expectAccessible(page);
  await details.getByRole('link', { name: 'Lineage from here' }).click();
  await expect(page).toHaveURL(/of=dataset/);
  await page.getByText('List', { exact: true }).click();
  await expect(page.getByText('acme/topics').first()).toBeVisible();
});

test('somebody compares two releases and sees what differs', async ({ page }) => {
  await page.goto('/modules/demo/minilm/compare?from=1.0.0&to=2.0.0');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByText('model.safetensors').first()).toBeVisible();
  await expectAccessible(page);
});

test('a channel is rolled back after its preview, even when the session ends in the middle', async ({
  page,
}) => {
  const { id, token } = await newToken(page);
  await signIn(page, token);
  for (const version of ['1.0.0', '1.1.0']) await point(page, 'acme/topics', 'beta', version);
  await page.goto('/modules/acme/topics');
  const channels = page.getByRole('region', { name: 'Channels' });
  await channels
    .getByRole('listitem')
    .filter({ hasText: 'beta' })
    .getByRole('button', { name: /Roll back/ })
    .click();
  const dialog = page.getByRole('dialog', { name: 'Roll back topics@beta' });
  const preview = dialog.getByRole('region', { name: 'What would move' });
  await expect(preview).toContainText('1.1.0');
  await expect(preview).toContainText('1.0.0');
  await expectAccessible(page);
  await dialog.getByRole('textbox', { name: 'Why' }).fill('1.1.0 is slow on long mails');
  await dialog.getByRole('textbox', { name: /to confirm/ }).fill('topics@beta');
  await revoke(page, id);
  await dialog.getByRole('button', { name: 'Roll back to 1.0.0' }).click();
  const ended = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(ended.getByText('session_expired')).toBeVisible();
  await ended.getByLabel('Token', { exact: true }).fill(process.env.CAMBIUM_E2E_TOKEN ?? '');
  await ended.getByRole('button', { name: 'Sign in' }).click();
  // What was asked for is done now, without typing anything again.
  await expect(dialog).toBeHidden();
  await expect(page.getByText('beta went back from 1.1.0 to 1.0.0.').first()).toBeVisible();
  const history = page.getByRole('region', { name: 'Moves' });
  await expect(history.getByText('1.1.0 is slow on long mails').first()).toBeVisible();
});

test('a server that goes away is told, and when it is back the page is up to date', async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const server = await startServer();
  try {
    const page = await browser.newPage({ baseURL: server.url });
    await page.goto('/modules');
    await expect(page.getByText('0 modules')).toBeVisible();
    await server.pause();
    await expect(page.getByText(/cannot be reached/i).first()).toBeVisible({ timeout: 30_000 });
    await server.resume();
    const made = await page.request.post('/api/v1/namespaces', {
      data: { name: 'new', visibility: 'public' },
      headers: { Authorization: `Bearer ${server.token}` },
    });
    expect(made.ok()).toBe(true);
    await page.request.post('/api/v1/modules', {
      data: { name: 'new/module', kind: 'head' },
      headers: { Authorization: `Bearer ${server.token}` },
    });
    await expect(page.getByRole('link', { name: 'new/module' })).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText(/cannot be reached/i)).toBeHidden();
    await page.close();
  } finally {
    await server.stop();
  }
});
