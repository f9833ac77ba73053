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
  for (const path of ['/', '/modules', '/modules/acme/tiny-bert', '/modules/acme/topics/1.1.0']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
    const total = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry.name.endsWith('.js'))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    );
    expect(total).toBeGreaterThan(50_000);
    expect(total).toBeLessThan(300_000);
  }
});

test('scripts travel as small as the client can read them', async ({ request }) => {
  const index = await (await request.get('/')).text();
  const script = /src="(\/assets\/index-[^"]+\.js)"/.exec(index)?.[1] ?? '';
  const asked = async (accepted: string) => {
    const answer = await request.get(script, { headers: { 'Accept-Encoding': accepted } });
    expect(answer.headers().vary).toContain('accept-encoding');
    return { encoding: answer.headers()['content-encoding'], text: await answer.text() };
  };
  const plain = await asked('identity');
  expect(plain.encoding).toBeUndefined();
  for (const [accepted, encoding] of [
    ['gzip, deflate, br', 'br'],
    ['gzip, br;q=0', 'gzip'],
  ] as const) {
    expect(await asked(accepted)).toEqual({ encoding, text: plain.text });
  }
});
