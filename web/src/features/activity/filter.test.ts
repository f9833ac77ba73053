import { expect, test } from 'vitest';
import { dayOf, filterOf, isNarrowed, readSearch } from './filter';

test('the address narrows, and what makes no sense in it is left out', () => {
  const search = readSearch({
    namespace: ' acme ',
    actor: 42,
    since: '2026-07-01',
    until: 'tomorrow',
    nonsense: 1,
  });
  expect(search).toEqual({ namespace: 'acme', actor: '42', since: '2026-07-01' });
  expect(isNarrowed(search)).toBe(true);
  expect(isNarrowed(readSearch({ since: '2026-13-77', actor: '' }))).toBe(false);
});

test('days are whole, the last one too, where the reader is', () => {
  const { since, until } = filterOf({ since: '2026-07-01', until: '2026-07-31' });
  expect(since).toBe(new Date(2026, 6, 1).toISOString());
  expect(until).toBe(new Date(2026, 7, 1).toISOString());
  expect(filterOf({ actor: 'ana' })).toEqual({ actor: 'ana' });
});

test('a day is the one of the reader', () => {
  expect(dayOf(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05');
});
