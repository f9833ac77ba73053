import { expect, test } from 'vitest';
import type { AttachPointChange } from '@/api/types';
import { groupsOf, pointsThatFit, pointText, prefixOf } from './attach';

const point = (name: string, change: AttachPointChange['change'] = 'added'): AttachPointChange => ({
  name,
  change,
});

test('parameters belong to their layer', () => {
  expect(prefixOf('encoder.layer.11.attention.self.query.weight')).toBe('encoder.layer.11');
  expect(prefixOf('h.0.attn.c_attn.weight')).toBe('h.0');
});

test('what is in no layer belongs to the first words of its name', () => {
  expect(prefixOf('embeddings.word_embeddings.weight')).toBe('embeddings.word_embeddings');
  expect(prefixOf('pooler.weight')).toBe('pooler');
  expect(prefixOf('weight')).toBe('weight');
  expect(prefixOf('norms.0')).toBe('norms');
});

test('groups come in the order of their first parameter', () => {
  const groups = groupsOf([point('b.1.x'), point('a.0.x'), point('b.1.y')]);
  expect(groups.map(({ prefix, points }) => [prefix, points.length])).toEqual([
    ['b.1', 2],
    ['a.0', 1],
  ]);
});

test('parameters are found by part of the name and by what became of them', () => {
  const points = [point('a.Query', 'changed'), point('a.query'), point('a.key')];
  expect(pointsThatFit(points, { text: ' quer', change: null })).toHaveLength(2);
  expect(pointsThatFit(points, { text: 'quer', change: 'added' })).toEqual([points[1]]);
});

test('a parameter is its element type and its shape', () => {
  expect(pointText({ dtype: 'float32', shape: [128, 64] })).toBe('float32 128 × 64');
  expect(pointText({ dtype: 'int64', shape: [] })).toBe('int64 scalar');
});
