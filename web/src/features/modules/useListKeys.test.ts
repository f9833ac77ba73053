import { expect, test } from 'vitest';
import { stepOf } from './useListKeys';

const WITHIN = { within: true, active: 3, last: 9, single: true };
const ELSEWHERE = { ...WITHIN, within: false };

test('arrows, j and k go from line to line', () => {
  expect(stepOf('ArrowDown', WITHIN)).toBe(4);
  expect(stepOf('j', WITHIN)).toBe(4);
  expect(stepOf('ArrowUp', WITHIN)).toBe(2);
  expect(stepOf('k', WITHIN)).toBe(2);
  expect(stepOf('Home', WITHIN)).toBe(0);
  expect(stepOf('End', WITHIN)).toBe(9);
});

test('up from the first line and Escape lead out, k stays', () => {
  expect(stepOf('ArrowUp', { ...WITHIN, active: 0 })).toBe('leave');
  expect(stepOf('k', { ...WITHIN, active: 0 })).toBe(0);
  expect(stepOf('Escape', WITHIN)).toBe('leave');
});

test('from elsewhere j and k lead back to the line where one was, and arrows scroll', () => {
  expect(stepOf('j', ELSEWHERE)).toBe(3);
  expect(stepOf('k', ELSEWHERE)).toBe(3);
  expect(stepOf('j', { ...ELSEWHERE, active: -1 })).toBe(0);
  expect(stepOf('ArrowDown', ELSEWHERE)).toBe(null);
  expect(stepOf('x', WITHIN)).toBe(null);
});

test('who turned single keys off goes by arrows only', () => {
  expect(stepOf('j', { ...WITHIN, single: false })).toBe(null);
  expect(stepOf('k', { ...ELSEWHERE, single: false })).toBe(null);
  expect(stepOf('ArrowDown', { ...WITHIN, single: false })).toBe(4);
});
