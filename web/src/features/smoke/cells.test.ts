import { expect, test } from 'vitest';
import { cellAfter } from './cells';

test('arrows lead from field to field, and no further than the edges', () => {
  const at = { row: 1, layer: 0 };
  expect(cellAfter('ArrowRight', at, 2, 3)).toEqual({ row: 1, layer: 1 });
  expect(cellAfter('ArrowLeft', at, 2, 3)).toEqual(at);
  expect(cellAfter('ArrowDown', at, 2, 3)).toEqual(at);
  expect(cellAfter('ArrowUp', at, 2, 3)).toEqual({ row: 0, layer: 0 });
  expect(cellAfter('End', at, 2, 3)).toEqual({ row: 1, layer: 2 });
  expect(cellAfter('Home', { row: 1, layer: 2 }, 2, 3)).toEqual(at);
});

test('the first key begins at the first field, and other keys do nothing', () => {
  expect(cellAfter('ArrowRight', null, 2, 3)).toEqual({ row: 0, layer: 1 });
  expect(cellAfter('Tab', null, 2, 3)).toBeNull();
});
