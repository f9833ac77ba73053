import { expect, test } from 'vitest';
import { monthName, rhythm } from './cadence';

test('months have their names, wherever the reader is', () => {
  expect(monthName('2026-11', 'long')).toBe('November 2026');
  expect(monthName('2026-01', 'narrow')).toBe('J');
});

test('how often releases come is said in days', () => {
  expect(rhythm(21.46)).toBe('A release every 21.5 days, by the median.');
  expect(rhythm(1.02)).toBe('A release every day, by the median.');
});

test('what comes faster than by the day, or cannot be told, is said so', () => {
  expect(rhythm(0.01)).toBe('Releases come less than a day apart, by the median.');
  expect(rhythm(null)).toBe('Too few releases to tell how often one comes.');
  expect(rhythm(undefined)).toBe('Too few releases to tell how often one comes.');
});
