import { expect, test } from 'vitest';
import { isTyping, type Press, readPress } from './keys';

function press(key: string, more: Partial<Press> = {}): Press {
  return { key, mod: false, alt: false, typing: false, inDialog: false, single: true, ...more };
}

test('one key searches, helps, or waits for a second', () => {
  expect(readPress(press('/'), 0, 0).command).toEqual({ what: 'search' });
  expect(readPress(press('?'), 0, 0).command).toEqual({ what: 'help' });
  expect(readPress(press('g'), 0, 100)).toEqual({ until: 1600 });
  expect(readPress(press('x'), 0, 0)).toEqual({ until: 0 });
});

test.each([
  ['o', '/'],
  ['m', '/modules'],
  ['l', '/lineage'],
  ['a', '/activity'],
])('g and %s go to %s', (key, path) => {
  const { until } = readPress(press('g'), 0, 100);
  expect(readPress(press(key), until, 900).command).toEqual({ what: 'go', path });
});

test('a second key that comes late, or leads nowhere, does nothing', () => {
  expect(readPress(press('m'), 1600, 1700)).toEqual({ until: 0 });
  expect(readPress(press('x'), 1600, 900)).toEqual({ until: 0 });
});

test('a key that only changes others does not end the waiting', () => {
  expect(readPress(press('Shift'), 1600, 900)).toEqual({ until: 1600 });
});

test('letters are letters in a field, in a dialog, and with other keys held', () => {
  for (const held of [{ typing: true }, { inDialog: true }, { mod: true }, { alt: true }]) {
    expect(readPress(press('/', held), 0, 0)).toEqual({ until: 0 });
    expect(readPress(press('g', held), 0, 0)).toEqual({ until: 0 });
  }
});

test('who turned single keys off keeps the palette only', () => {
  for (const key of ['/', '?', 'g']) {
    expect(readPress(press(key, { single: false }), 0, 0)).toEqual({ until: 0 });
  }
  const { command } = readPress(press('k', { mod: true, single: false }), 0, 0);
  expect(command).toEqual({ what: 'palette' });
});

test('the palette opens from everywhere but from a dialog', () => {
  const command = { what: 'palette' };
  expect(readPress(press('k', { mod: true }), 0, 0).command).toEqual(command);
  expect(readPress(press('K', { mod: true, typing: true }), 0, 0).command).toEqual(command);
  expect(readPress(press('k', { mod: true, alt: true }), 0, 0).command).toBeUndefined();
  expect(readPress(press('k', { mod: true, inDialog: true }), 0, 0).command).toBeUndefined();
});

test('a box that is ticked is no field to type in', () => {
  const field = document.createElement('input');
  expect(isTyping(field)).toBe(true);
  field.type = 'checkbox';
  expect(isTyping(field)).toBe(false);
  expect(isTyping(document.createElement('textarea'))).toBe(true);
  expect(isTyping(document.createElement('a'))).toBe(false);
  expect(isTyping(null)).toBe(false);
});
