import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';
import { filesOf, given, Publisher } from './publisher';
import { signIn } from './session';

const LORA = '../tests/fixtures/tiny/bert/adapters/lora';

test('who did not sign in is told why there are no drafts, and comes back after signing in', async ({
  page,
}) => {
  await page.goto('/drafts');
  await expect(page.getByText('Sign in to see your drafts')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Token', { exact: true }).fill(process.env.CAMBIUM_E2E_TOKEN ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/drafts$/);
  await expect(page.getByRole('link', { name: 'demo/for-another-backbone@1.0.0' })).toBeVisible();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`a refused attempt says why, and what to do next, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await signIn(page);
    await page.goto('/drafts');
    const line = page.getByRole('row').filter({ hasText: 'demo/for-another-backbone' });
    await expect(line).toContainText('Rejected');
    await expect(line).toContainText('The backbone has no module');
    await expectAccessible(page);
    await line.getByRole('link').click();
    const why = page.getByRole('region', { name: 'Why it was refused' });
    await expect(why).toContainText('target_not_found');
    await expect(why).toContainText('q_lin');
    await expect(why).toContainText('Remedy');
    await expect(page.getByRole('region', { name: 'What to do next' })).toContainText(
      'cambium publish DIR',
    );
    await expect(page.getByRole('region', { name: 'Files' })).toContainText('adapter_config.json');
    await expect(page.getByText('It was not run')).toBeVisible();
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoSidewaysScroll(page);
  });
}

test('a draft says which bytes are missing, and where it goes on', async ({ page, baseURL }) => {
  const { client } = new Publisher(baseURL ?? '', process.env.CAMBIUM_E2E_TOKEN ?? '');
  const draft = given(
    await client.POST('/api/v1/drafts', {
      body: {
        manifest: { module: { name: 'acme/unfinished', kind: 'adapter', version: '0.1.0' } },
        files: [{ path: 'weights.safetensors', size: 7, digest: `sha256:${'5e'.repeat(32)}` }],
      },
    }),
  );
  await signIn(page);
  await page.goto(`/drafts/${draft.id}`);
  await expect(page.getByText('not uploaded yet')).toBeVisible();
  await expect(page.getByRole('region', { name: 'What to do next' })).toContainText(
    'cambium publish DIR',
  );
  await client.DELETE('/api/v1/drafts/{id}', { params: { path: { id: draft.id } } });
});

test('a release on its way is followed until it is published, without a press', async ({
  page,
  baseURL,
}) => {
  test.setTimeout(120_000);
  const publisher = new Publisher(baseURL ?? '', process.env.CAMBIUM_E2E_TOKEN ?? '');
  await signIn(page);
  const files = await filesOf(LORA, ['adapter_config.json', 'adapter_model.safetensors']);
  const id = await publisher.submit(
    {
      module: { name: 'acme/watched', kind: 'adapter', version: '1.0.0', license: 'MIT' },
      requires: [{ module: 'acme/tiny-bert', version: '^1' }],
    },
    files,
  );
  await page.goto(`/drafts/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('watched 1.0.0');
  await expect(page.getByText('It is through')).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText('Proven: it works')).toBeVisible();
  await page.getByRole('link', { name: 'acme/watched@1.0.0' }).first().click();
  await expect(page).toHaveURL(/\/modules\/acme\/watched\/1\.0\.0$/);
});
