// Which pages are taken, and in which state.

import type { APIRequestContext, Page } from '@playwright/test';

export interface Shot {
  readonly name: string;
  readonly path: string | ((api: APIRequestContext) => Promise<string>);
  /** What to do before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** Of the registry with a thousand modules. */
  readonly large?: boolean;
  readonly signedOut?: boolean;
  /** One of the README's. */
  readonly readme?: boolean;
  /** Of the window, in pixels, where a screen shows too little of the page. */
  readonly height?: number;
}

const LORA = '/modules/demo/debian-sections-lora';

export const SHOTS: readonly Shot[] = [
  { name: 'overview', path: '/' },
  { name: 'overview-large', path: '/', large: true },
  { name: 'modules', path: '/modules' },
  { name: 'modules-large', path: '/modules?kind=adapter', large: true },
  { name: 'module', path: '/modules/acme/topics' },
  { name: 'backbone', path: '/modules/demo/minilm' },
  { name: 'release', path: `${LORA}/1.0.0` },
  { name: 'smoke-report', path: smokeRunOf(LORA), readme: true, height: 1390 },
  { name: 'refused', path: refused },
  { name: 'compare', path: '/modules/acme/topics/compare?from=1.0.0&to=1.1.0' },
  {
    name: 'matrix',
    path: '/modules/demo/minilm/matrix?dependent=demo/debian-sections-lora@1.0.0&base=2.0.0',
    readme: true,
  },
  { name: 'matrix-large', path: '/modules/big/backbone/matrix', large: true },
  { name: 'lineage', path: '/lineage?of=demo/minilm@1.0.0&depth=3', readme: true },
  { name: 'activity', path: '/activity?namespace=acme' },
  { name: 'activity-signed-out', path: '/activity', signedOut: true },
  { name: 'tokens', path: '/tokens' },
  { name: 'sign-in', path: '/sign-in', signedOut: true },
  { name: 'not-found', path: '/modules/demo/nothing-like-this', signedOut: true },
];

interface Run {
  readonly id: string;
}

function smokeRunOf(module: string) {
  return async (api: APIRequestContext): Promise<string> => {
    const name = module.slice('/modules/'.length);
    const answer = await api.get(`/api/v1/modules/${name}/releases/1.0.0/smoke-run`);
    return `/smoke-runs/${((await answer.json()) as Run).id}`;
  };
}

async function refused(api: APIRequestContext): Promise<string> {
  const answer = await api.get('/api/v1/drafts');
  const { items } = (await answer.json()) as { items: readonly Run[] };
  return `/drafts/${items[0]?.id ?? ''}`;
}
