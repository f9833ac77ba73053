import type { Page } from '@playwright/test';
import { expect, expectAccessible, expectNoSidewaysScroll, test } from './page';
import { filesOf, given, Publisher } from './publisher';
import { signIn } from './session';

const region = (page: Page, name: string) => page.getByRole('region', { name });

function publisher(): Publisher {
  return new Publisher(process.env.CAMBIUM_E2E_URL ?? '', process.env.CAMBIUM_E2E_TOKEN ?? '');
}

test('a module shows its releases, their state and verdict, and the channels on them', async ({
  page,
}) => {
  await page.goto('/modules/acme/topics');
  const row = (version: string) =>
    region(page, 'Releases').getByRole('row').filter({ hasText: version });
  await expect(row('1.1.0').first()).toContainText('Published');
  await expect(row('1.1.0').first()).toContainText('Compatible');
  await expect(row('1.0.0').first()).toContainText('Deprecated');
  await expect(row('1.0.0').first()).toContainText('Trained before the June mails');
  await expect(region(page, 'Channels')).toContainText('stable');
  await expect(region(page, 'Moves')).toContainText('Evaluated on the June mails');
  await expect(region(page, 'Cadence')).toContainText('2 releases ever');
});

test('a backbone shows what attaches to it, and leads there and back', async ({ page }) => {
  await page.goto('/modules/acme/tiny-bert');
  const attached = region(page, 'What attaches to it');
  const topics = attached.getByRole('row').filter({ hasText: 'acme/topics' });
  await expect(topics).toContainText('>=1, <3');
  await expect(topics).toContainText('Incompatible');
  await topics.getByRole('link', { name: 'acme/topics' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('topics');
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('tiny-bert');
  const views = page.getByRole('navigation', { name: 'Views of the module' });
  await expect(views.getByRole('link', { name: 'Matrix' })).toHaveAttribute(
    'href',
    '/modules/acme/tiny-bert/matrix',
  );
  await expect(views.getByRole('link', { name: 'Lineage' })).toHaveAttribute(
    'href',
    '/lineage?of=acme%2Ftiny-bert%402.0.0',
  );
});

test('who is signed out reads everything, changes nothing, and is told where to sign in', async ({
  page,
}) => {
  await page.goto('/modules/acme/topics');
  await region(page, 'Owners').getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/sign-in\?then=/);
  await page.goBack();
  await expect(region(page, 'Channels')).toContainText('stable');
  for (const name of [/^Roll back/, /^Point/, 'New channel', /^Actions on/]) {
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  }
});

for (const scheme of ['light', 'dark'] as const) {
  test(`the page and its dialogs are accessible, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await signIn(page);
    await page.goto('/modules/demo/minilm');
    await expect(region(page, 'Owners')).toContainText('admin');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Actions on 1.0.0' }).click();
    await expect(page.getByRole('menuitem', { name: 'Quarantine…' })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('menuitem', { name: 'Quarantine…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Quarantine minilm@1.0.0' });
    await expect(region(page, 'Channels that will move')).toContainText('stable');
    await dialog.getByRole('button', { name: 'Quarantine 1.0.0' }).click();
    await expect(dialog.getByText('Type minilm@1.0.0, letter by letter.')).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Actions on 1.0.0' })).toBeFocused();
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
}

/** A channel of its own, so that no other test sees it move. */
async function makeChannel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New channel' }).click();
  const dialog = page.getByRole('dialog', { name: 'New channel of tiny-bert' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByRole('combobox', { name: 'Release' }).click();
  await dialog.getByRole('option', { name: /^1\.0\.0/ }).click();
  await dialog.getByRole('textbox', { name: 'Why' }).fill('A place to try things');
  await dialog.getByRole('button', { name: 'Point at 1.0.0' }).click();
  await expect(page.getByText(`${name} points at 1.0.0 now.`)).toBeVisible();
}

test('a channel is made, pointed elsewhere, and its history tells who and why', async ({
  page,
}) => {
  await signIn(page);
  await page.goto('/modules/acme/tiny-bert');
  await makeChannel(page, 'beta');
  const point = page.getByRole('button', { name: 'Point beta elsewhere' });
  await point.click();
  const dialog = page.getByRole('dialog', { name: 'Point tiny-bert@beta' });
  await dialog.getByRole('combobox', { name: 'Release' }).fill('2.0.0');
  await dialog.getByRole('option', { name: /^2\.0\.0/ }).click();
  await dialog.getByRole('textbox', { name: 'Why' }).fill('Evaluated on the July mails');
  await dialog.getByRole('button', { name: 'Point at 2.0.0' }).click();
  await expect(page.getByText('beta points at 2.0.0 now.')).toBeVisible();
  await expect(point).toBeFocused();
  await expect(region(page, 'Releases').getByRole('row', { name: /2\.0\.0/ })).toContainText(
    'beta',
  );
  await page.goto('/modules/acme/tiny-bert?channel=beta');
  const moves = region(page, 'Moves').getByRole('listitem');
  await expect(moves).toHaveCount(2);
  await expect(moves.first()).toContainText('Evaluated on the July mails');
  await expect(moves.first()).toContainText('Pointed by admin');
  await expect(moves.last()).toContainText('Made by admin');
});

test('a rollback that somebody else was faster than is refused, shown anew, and then done', async ({
  page,
}) => {
  await signIn(page);
  await page.goto('/modules/acme/tiny-bert');
  await makeChannel(page, 'race');
  const path = { namespace: 'acme', name: 'tiny-bert', channel: 'race' };
  const pointTo = async (version: string) => {
    given(
      await publisher().client.PUT('/api/v1/modules/{namespace}/{name}/channels/{channel}', {
        params: { path },
        body: { version, reason: `A hotfix to ${version}` },
      }),
    );
  };
  await pointTo('2.0.0');
  await page.getByRole('button', { name: 'Roll back race' }).click();
  const dialog = page.getByRole('dialog', { name: 'Roll back tiny-bert@race' });
  await expect(dialog.getByRole('region', { name: 'What would move' })).toContainText('1.0.0');
  await dialog.getByRole('textbox', { name: 'Why' }).fill('It drifts');
  await dialog.getByRole('textbox', { name: /to confirm/ }).fill('tiny-bert@race');
  await pointTo('1.0.0');
  await dialog.getByRole('button', { name: 'Roll back to 1.0.0' }).click();
  await expect(dialog.getByText('precondition_failed')).toBeVisible();
  await expect(dialog.getByText('race pointed at 2.0.0, and points at 1.0.0 now.')).toBeVisible();
  await expect(dialog.getByText('It would go back to 2.0.0 instead of 1.0.0.')).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'Why' })).toHaveValue('It drifts');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Roll back to 2.0.0' }).click();
  await expect(page.getByText('race went back from 1.0.0 to 2.0.0.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Roll back race' })).toBeFocused();
  await expect(region(page, 'Moves')).toContainText('Rollback by admin');
});

/** A module whose release no other test looks at. */
async function publishOwn(): Promise<void> {
  const { client } = publisher();
  const base = given(
    await client.GET('/api/v1/modules/{namespace}/{name}/releases/{revision}', {
      params: { path: { namespace: 'acme', name: 'tiny-bert', revision: '1.0.0' } },
    }),
  );
  const manifest = {
    module: { name: 'spare/standing', kind: 'adapter' as const, version: '1.0.0', license: 'MIT' },
    requires: [{ module: 'acme/tiny-bert', version: '>=1, <3', home: base.digest }],
  };
  const folder = '../tests/fixtures/tiny/bert/adapters/rslora';
  const files = await filesOf(folder, ['adapter_config.json', 'adapter_model.safetensors']);
  const release = await publisher().publish(manifest, files);
  expect(release.state).toBe('published');
}

test('a release is deprecated, quarantined with its channel, and restored', async ({ page }) => {
  test.setTimeout(120_000);
  await publishOwn();
  given(
    await publisher().client.PUT('/api/v1/modules/{namespace}/{name}/channels/{channel}', {
      params: { path: { namespace: 'spare', name: 'standing', channel: 'stable' } },
      body: { version: '1.0.0', reason: 'The first' },
    }),
  );
  await signIn(page);
  await page.goto('/modules/spare/standing');
  const menu = page.getByRole('button', { name: 'Actions on 1.0.0' });
  const row = region(page, 'Releases').getByRole('row', { name: /1\.0\.0/ });
  const ask = async (item: string) => {
    await menu.click();
    await page.getByRole('menuitem', { name: item }).click();
    return page.getByRole('dialog');
  };
  let dialog = await ask('Deprecate…');
  await expect(dialog).toContainText('stable points at it, and will go on to.');
  await dialog.getByRole('textbox', { name: 'Why' }).fill('Something better is there');
  await dialog.getByRole('textbox', { name: /instead/ }).fill('acme/topics@1.1.0');
  await dialog.getByRole('button', { name: 'Deprecate 1.0.0' }).click();
  await expect(page.getByText('standing@1.0.0 was deprecated.')).toBeVisible();
  await expect(row).toContainText('Deprecated');
  await expect(row).toContainText('Something better is there');

  dialog = await ask('Quarantine…');
  await expect(region(page, 'Channels that will move')).toContainText('nothing');
  await dialog.getByRole('textbox', { name: 'Why' }).fill('It answers nothing but games');
  await dialog.getByRole('textbox', { name: /to confirm/ }).fill('standing@1.0.0');
  await dialog.getByRole('button', { name: 'Quarantine 1.0.0' }).click();
  await expect(page.getByText('standing@1.0.0 was quarantined.')).toBeVisible();
  await expect(row).toContainText('Quarantined');
  await expect(region(page, 'Channels')).toContainText('Points at nothing');
  await expect(region(page, 'Moves')).toContainText('Quarantine by admin');

  dialog = await ask('Restore…');
  await dialog.getByRole('textbox', { name: 'Why' }).fill('It was the network');
  await dialog.getByRole('button', { name: 'Restore 1.0.0' }).click();
  await expect(page.getByText('standing@1.0.0 was restored.')).toBeVisible();
  await expect(row).toContainText('Published');
  await expect(menu).toBeFocused();
});
