// Signed in as a browser is: by the cookie that the token becomes.

import type { Page } from '@playwright/test';

/** As the first admin, or with another token. */
export async function signIn(
  page: Page,
  token = process.env.CAMBIUM_E2E_TOKEN ?? '',
): Promise<void> {
  const answer = await page.request.post('/api/v1/session', { data: { token } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
}

/** A token of its own, which can be revoked without harm to other tests. */
export async function newToken(page: Page): Promise<{ id: string; token: string }> {
  const answer = await page.request.post('/api/v1/tokens', {
    data: { name: 'for one test' },
    headers: asAdmin(),
  });
  return (await answer.json()) as { id: string; token: string };
}

export async function revoke(page: Page, id: string): Promise<void> {
  await page.request.delete(`/api/v1/tokens/${id}`, { headers: asAdmin() });
}

/** Points a channel, so that a test has one of its own to move. */
export async function point(page: Page, module: string, channel: string, version: string) {
  const answer = await page.request.put(`/api/v1/modules/${module}/channels/${channel}`, {
    data: { version, reason: 'for one test' },
    headers: asAdmin(),
  });
  if (!answer.ok()) throw new Error(`pointing: ${answer.status()} ${await answer.text()}`);
}

export function asAdmin() {
  return { Authorization: `Bearer ${process.env.CAMBIUM_E2E_TOKEN ?? ''}` };
}
