import { describe, expect, test } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatFigure,
  formatSeconds,
  plural,
  sentence,
  shortDigest,
  words,
} from './format';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [131_072, '128 KiB'],
  [90_868_376, '86.7 MiB'],
  [3 * 1024 ** 4, '3.0 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('seconds below one are milliseconds', () => {
  expect(formatSeconds(0.01234)).toBe('12.3 ms');
  expect(formatSeconds(5.2)).toBe('5.20 s');
});

describe('figures', () => {
  test.each([
    [22_713_216, '22,713,216'],
    [0.00001234, '1.23e-5'],
    [0.98765, '0.9877'],
    [0, '0'],
    [true, 'yes'],
    [null, 'none'],
    [[], 'none'],
    [[2, 128], '2 × 128'],
    [['logits', 'pooled'], 'logits, pooled'],
    [{ a: { keys: 2 }, b: { keys: 3 } }, 'a: keys 2; b: keys 3'],
    [{ logits: [3, 6], pooled: [3, 384] }, 'logits 3 × 6, pooled 3 × 384'],
  ])('%j is %s', (value, text) => {
    expect(formatFigure(value)).toBe(text);
  });
});

test.each([
  ['2026-07-02T11:59:30Z', 'just now'],
  ['2026-07-02T11:57:00Z', '3 minutes ago'],
  ['2026-07-01T11:00:00Z', 'yesterday'],
  ['2026-06-02T12:00:00Z', '4 weeks ago'],
  ['2024-07-02T12:00:00Z', '2 years ago'],
])('%s is %s', (time, text) => {
  // Two years of 365 days fall short of two years by a few hours.
  const now = time.startsWith('2024') ? '2026-07-03T12:00:00Z' : '2026-07-02T12:00:00Z';
  expect(formatAgo(new Date(time), new Date(now))).toBe(text);
});

test('one is no plural', () => {
  expect(plural(1, 'release')).toBe('1 release');
  expect(plural(1200, 'release')).toBe('1,200 releases');
  expect(plural(2, 'entry', 'entries')).toBe('2 entries');
});

test('what somebody wrote becomes a sentence', () => {
  expect(sentence('no home was given')).toBe('No home was given.');
  expect(sentence('Why?')).toBe('Why?');
});

test('words of the API become words for people', () => {
  expect(words('max_abs_error')).toBe('Max abs error');
  expect(shortDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789ab');
});
