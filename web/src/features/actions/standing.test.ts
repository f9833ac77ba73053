import { expect, test } from 'vitest';
import { actionFor, isHealthy, standingsOf } from './standing';

test('what was published can be taken back, and what was taken back can be restored', () => {
  expect(standingsOf('published')).toEqual(['deprecate', 'yank', 'quarantine']);
  expect(standingsOf('quarantined')).toEqual(['restore']);
  expect(standingsOf('yanked')).not.toContain('deprecate');
});

test('what was never published has no standing to change', () => {
  for (const state of ['draft', 'verifying', 'in_review', 'rejected'] as const) {
    expect(standingsOf(state)).toEqual([]);
  }
});

test('taking bytes away and giving them back is for reviewers', () => {
  expect(actionFor('quarantine')).toBe('review');
  expect(actionFor('restore')).toBe('review');
  expect(actionFor('yank')).toBe('operate');
});

test('channels point at what is published or deprecated', () => {
  expect(isHealthy('deprecated')).toBe(true);
  expect(isHealthy('yanked')).toBe(false);
});
