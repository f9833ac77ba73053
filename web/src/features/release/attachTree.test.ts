import { describe, expect, test } from 'vitest';
import type { AttachPoint } from '@/api/types';
import { found, numbersIn, parentRow, rowsOf, treeOf } from './attachTree';

const POINTS: readonly AttachPoint[] = [
  { name: 'embeddings.word.weight', dtype: 'float32', shape: [30522, 384] },
  ...Array.from({ length: 12 }, (_, layer) => ({
    name: `encoder.layer.${layer}.query.weight`,
    dtype: 'float32',
    shape: [384, 384],
  })),
  { name: 'encoder.layer.0.query.bias', dtype: 'float32', shape: [384] },
  { name: 'scale', dtype: 'float16', shape: [] },
];

describe('parameters become a tree', () => {
  test('with counts and totals of each part', () => {
    const tree = treeOf(POINTS);
    expect(tree.map(({ label }) => label)).toEqual(['embeddings', 'encoder', 'scale']);
    const [embeddings, encoder, scale] = tree;
    expect(embeddings).toMatchObject({ points: 1, numbers: 30522 * 384 });
    expect(encoder).toMatchObject({ points: 13, numbers: 12 * 384 * 384 + 384, point: null });
    expect(scale).toMatchObject({ points: 1, numbers: 1, children: [] });
  });

  test('with layers in the order of their numbers', () => {
    const layers = treeOf(POINTS)[1]?.children[0]?.children.map(({ label }) => label);
    expect(layers?.slice(0, 3)).toEqual(['0', '1', '2']);
    expect(layers?.at(-1)).toBe('11');
  });

  test('in which a parameter can have others below it', () => {
    const [gate] = treeOf([
      { name: 'gate', dtype: 'float32', shape: [2] },
      { name: 'gate.weight', dtype: 'float32', shape: [3] },
    ]);
    expect(gate).toMatchObject({ points: 2, numbers: 5 });
    expect(gate?.point?.name).toBe('gate');
  });

  test('a scalar is one number, and an empty tensor none', () => {
    expect([numbersIn([]), numbersIn([2, 0]), numbersIn([3, 4])]).toEqual([1, 0, 12]);
  });
});

describe('looking for parameters', () => {
  test('keeps those that hold every word, whatever its case', () => {
    expect(found(POINTS, 'QUERY bias').map(({ name }) => name)).toEqual([
      'encoder.layer.0.query.bias',
    ]);
    expect(found(POINTS, 'layer.1').map(({ name }) => name)).toHaveLength(3);
    expect(found(POINTS, '  ')).toBe(POINTS);
    expect(found(POINTS, 'nothing')).toEqual([]);
  });

  test('and counts only what is left', () => {
    expect(treeOf(found(POINTS, 'bias'))[0]).toMatchObject({ points: 1, numbers: 384 });
  });
});

describe('what is to be seen', () => {
  const rows = rowsOf(treeOf(POINTS), (node) => node.name !== 'encoder.layer');

  test('says where each line stands among its siblings', () => {
    expect(rows.map(({ node, level, open }) => [node.name, level, open])).toEqual([
      ['embeddings', 1, true],
      ['embeddings.word', 2, true],
      ['embeddings.word.weight', 3, null],
      ['encoder', 1, true],
      ['encoder.layer', 2, false],
      ['scale', 1, null],
    ]);
    expect(rows[5]).toMatchObject({ position: 3, siblings: 3 });
  });

  test('leads from a line to the one that it lies in', () => {
    expect(parentRow(rows, 2)).toBe(1);
    expect(parentRow(rows, 4)).toBe(3);
    expect(parentRow(rows, 5)).toBe(-1);
  });
});

test('five thousand parameters are a matter of milliseconds', () => {
  const many = Array.from({ length: 5000 }, (_, at) => ({
    name: `model.layers.${at % 100}.experts.${Math.floor(at / 100)}.w.weight`,
    dtype: 'bfloat16',
    shape: [8, 8],
  }));
  const began = performance.now();
  const rows = rowsOf(treeOf(found(many, 'layers w')), () => true);
  expect(rows.length).toBeGreaterThan(5000);
  // Ten times what it takes: a machine can be busy.
  expect(performance.now() - began).toBeLessThan(1500);
});
