import { expect, test } from 'vitest';
import type { AuditEntry } from '@/api/types';
import { byDay } from './days';

const entry = (id: number, at: Date) =>
  ({ id, happened_at: at.toISOString(), action: 'a.b', subject: 's', detail: {} }) as AuditEntry;

test('entries of one day stand together, the day is called by its name', () => {
  const days = byDay(
    [
      entry(4, new Date(2026, 2, 1, 9)),
      entry(3, new Date(2026, 2, 1, 0, 1)),
      entry(2, new Date(2026, 1, 28, 23, 59)),
      entry(1, new Date(2026, 1, 20, 12)),
    ],
    new Date(2026, 2, 1, 12),
  );
  expect(days.map(({ title, entries }) => [title, entries.map(({ id }) => id)])).toEqual([
    ['Today', [4, 3]],
    ['Yesterday', [2]],
    ['Friday, February 20, 2026', [1]],
  ]);
});
