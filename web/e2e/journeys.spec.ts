// What people come for, from the first page to the answer, with the demo's modules.

import { expect, expectAccessible, test } from './page';
import { newToken, revoke, signIn } from './session';

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
  await expect(page.getByText('The backbone has no module `q_lin`').or(page.getByText('has no module')).first()).toBeVisible();
  await expect(page.getByText('or require the backbone that it was trained on').first()).toBeVisible();
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

test('a session that ends in the middle asks for the token, and nothing is lost', async ({ page }) => {
  const { id, token } = await newToken(page);
  await signIn(page, token);
  await page.goto('/activity');
  await page.getByRole('textbox', { name: 'Module' }).fill('demo/minilm');
  await expect(page).toHaveURL(/module=demo/);
  await revoke(page, id);
  await page.getByRole('combobox', { name: 'Action' }).or(page.getByLabel('Action')).first().selectOption({ index: 1 });
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(/session/i).first()).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel(/token/i).first().fill(process.env.CAMBIUM_E2E_TOKEN ?? '');
  await dialog.getByRole('button', { name: /sign in/i }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('textbox', { name: 'Module' })).toHaveValue('demo/minilm');
  await expect(page).toHaveURL(/module=demo/);
});
