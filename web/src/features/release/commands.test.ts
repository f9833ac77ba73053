import { expect, test } from 'vitest';
import type { ReleaseView } from '@/api/types';
import { isGiven, usesOf } from './commands';

const RELEASE: ReleaseView = {
  id: '0197b2c4-0000-7000-8000-000000000000',
  module: 'acme/topics',
  kind: 'adapter',
  version: '1.1.0',
  state: 'published',
  digest: `sha256:${'ab'.repeat(32)}`,
  manifest: {
    module: { name: 'acme/topics', kind: 'adapter', version: '1.1.0' },
    requires: [{ module: 'acme/bert', version: '^1' }],
  },
  findings: [],
  created_by: 'ana',
  created_at: '2026-07-02T09:00:00Z',
};

const commands = (release: ReleaseView, homes: readonly [string, string][] = []) =>
  usesOf(release, new Map(homes)).map(({ command }) => command);

test('a release is downloaded, and asked about with its home', () => {
  expect(commands(RELEASE, [['acme/bert', 'acme/bert@1.2.0']])).toEqual([
    'cambium download acme/topics@1.1.0',
    'cambium can-i-deploy acme/bert@1.2.0 acme/topics@1.1.0',
    'cambium show acme/topics@1.1.0',
  ]);
});

test('a backbone has a matrix, and nothing is deployed with an unknown home', () => {
  expect(commands({ ...RELEASE, kind: 'backbone' })).toEqual([
    'cambium download acme/topics@1.1.0',
    'cambium matrix acme/topics',
    'cambium show acme/topics@1.1.0',
  ]);
});

test('what is quarantined or not published yet is not downloaded', () => {
  expect(commands({ ...RELEASE, state: 'quarantined' })).toEqual([
    'cambium show acme/topics@1.1.0',
  ]);
  expect(isGiven('verifying')).toBe(false);
  expect(isGiven('yanked')).toBe(true);
});
