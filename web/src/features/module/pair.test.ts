import { expect, test } from 'vitest';
import { choose, sidesOf } from './pair';

const VERSIONS = ['2.0.0', '1.10.0', '1.9.0'];

test('a third choice takes the place of the first, and choosing again takes it back', () => {
  expect(choose(['1.9.0', '2.0.0'], '1.10.0')).toEqual(['2.0.0', '1.10.0']);
  expect(choose(['1.9.0', '2.0.0'], '1.9.0')).toEqual(['2.0.0']);
});

test('the older one is compared with the newer, in whatever order they were chosen', () => {
  expect(sidesOf(VERSIONS, ['2.0.0', '1.9.0'])).toEqual({ from: '1.9.0', to: '2.0.0' });
  expect(sidesOf(VERSIONS, ['1.9.0', '2.0.0'])).toEqual({ from: '1.9.0', to: '2.0.0' });
});

test('one alone is no pair', () => {
  expect(sidesOf(VERSIONS, ['2.0.0'])).toBe(null);
  expect(sidesOf(VERSIONS, [])).toBe(null);
});
