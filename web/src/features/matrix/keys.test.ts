import { describe, expect, test } from 'vitest';
import { type Bounds, GROUPS, HEADER, type Place, step } from './keys';

const bounds: Bounds = {
  lines: 100,
  columns: 30,
  page: 10,
  groupAt: (column) => ({
    first: Math.floor(column / 10) * 10,
    end: Math.floor(column / 10) * 10 + 10,
  }),
};

const at = (line: number, column: number): Place => ({ line, column });
const press = (from: Place, key: string, ctrl = false) => step(from, key, ctrl, bounds);

test.each([
  ['ArrowUp', at(4, 5)],
  ['ArrowDown', at(6, 5)],
  ['ArrowLeft', at(5, 4)],
  ['ArrowRight', at(5, 6)],
  ['PageDown', at(15, 5)],
  ['PageUp', at(0, 5)],
  ['Home', at(5, HEADER)],
  ['End', at(5, 29)],
])('%s leads from one cell to another', (key, place) => {
  expect(press(at(5, 5), key)).toEqual(place);
});

test.each([
  ['Home', at(0, 0)],
  ['End', at(99, 29)],
  ['ArrowUp', at(0, 5)],
  ['ArrowDown', at(99, 5)],
  ['ArrowLeft', at(5, 0)],
  ['ArrowRight', at(5, 29)],
])('with control %s leads as far as it goes', (key, place) => {
  expect(press(at(5, 5), key, true)).toEqual(place);
});

test('other keys lead nowhere', () => {
  expect(press(at(5, 5), 'a')).toBeNull();
});

describe('at the borders', () => {
  test('the last cell is the last', () => {
    expect(press(at(99, 29), 'ArrowDown')).toEqual(at(99, 29));
    expect(press(at(99, 29), 'ArrowRight')).toEqual(at(99, 29));
    expect(press(at(95, 0), 'PageDown')).toEqual(at(99, 0));
  });

  test('above the first row are the versions, and above these their groups', () => {
    expect(press(at(0, 15), 'ArrowUp')).toEqual(at(HEADER, 15));
    expect(press(at(HEADER, 15), 'ArrowUp')).toEqual(at(GROUPS, 10));
    expect(press(at(GROUPS, 10), 'ArrowUp')).toEqual(at(GROUPS, 10));
    expect(press(at(GROUPS, 10), 'ArrowDown')).toEqual(at(HEADER, 10));
  });

  test('among groups of columns a step leads to the next group', () => {
    expect(press(at(GROUPS, 10), 'ArrowRight')).toEqual(at(GROUPS, 20));
    expect(press(at(GROUPS, 10), 'ArrowLeft')).toEqual(at(GROUPS, 0));
    expect(press(at(GROUPS, 20), 'ArrowRight')).toEqual(at(GROUPS, 20));
  });

  test('beside the first column are the names of the rows, and nothing above them', () => {
    expect(press(at(0, 0), 'ArrowLeft')).toEqual(at(0, HEADER));
    expect(press(at(0, HEADER), 'ArrowUp')).toEqual(at(0, HEADER));
    expect(press(at(7, HEADER), 'PageUp')).toEqual(at(0, HEADER));
  });
});
