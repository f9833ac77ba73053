import { expect, test } from 'vitest';
import { rowsOf, treeOf } from './attachTree';
import { moveOf } from './useTree';

const TREE = treeOf(
  ['a.b.weight', 'a.c.weight', 'd.weight'].map((name) => ({ name, dtype: 'float32', shape: [1] })),
);
// a, a.b (closed), a.c, a.c.weight, d, d.weight
const ROWS = rowsOf(TREE, ({ name }) => name !== 'a.b');

test('arrows go from line to line, and open what is closed before they go into it', () => {
  expect(moveOf('ArrowDown', ROWS, 0)).toEqual({ to: 1 });
  expect(moveOf('ArrowUp', ROWS, 2)).toEqual({ to: 1 });
  expect(moveOf('ArrowRight', ROWS, 1)).toEqual({ open: true });
  expect(moveOf('ArrowRight', ROWS, 0)).toEqual({ to: 1 });
  expect(moveOf('ArrowRight', ROWS, 3)).toEqual({});
});

test('to the left they close, or lead out', () => {
  expect(moveOf('ArrowLeft', ROWS, 2)).toEqual({ open: false });
  expect(moveOf('ArrowLeft', ROWS, 3)).toEqual({ to: 2 });
  expect(moveOf('ArrowLeft', ROWS, 1)).toEqual({ to: 0 });
});

test('enter and space turn, home and end lead to the ends', () => {
  expect(moveOf('Enter', ROWS, 1)).toEqual({ open: true });
  expect(moveOf(' ', ROWS, 0)).toEqual({ open: false });
  expect(moveOf('End', ROWS, 0)).toEqual({ to: 5 });
  expect(moveOf('Home', ROWS, 4)).toEqual({ to: 0 });
});

test('other keys are left to the browser', () => {
  expect(moveOf('Tab', ROWS, 0)).toBeNull();
  expect(moveOf('f', ROWS, 0)).toBeNull();
});
