import { expect, test } from 'vitest';
import type { Port } from '@/api/types';
import { formatBytes, formatSeconds } from '@/ui/format';
import { changeOf, difference, pointerName, portParts, tally, valueText, wanted } from './differ';

test('what one side lacks was added or removed', () => {
  expect(changeOf(null, { status: 'passed' })).toBe('added');
  expect(changeOf({ status: 'passed' }, undefined)).toBe('removed');
  expect(changeOf(undefined, null)).toBe('same');
});

test('the order of fields makes no difference, the order of a list does', () => {
  expect(changeOf({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe('same');
  expect(changeOf([1, 2], [2, 1])).toBe('changed');
  expect(changeOf({ a: 1 }, { a: 1, b: undefined })).toBe('changed');
  expect(changeOf([], {})).toBe('changed');
});

test('only differences are shown unless everything is wanted', () => {
  const items = [{ change: 'same' as const }, { change: 'added' as const }];
  expect(wanted(items, false)).toEqual([{ change: 'added' }]);
  expect(wanted(items, true)).toHaveLength(2);
});

test('differences are counted by what became of things', () => {
  expect(tally(['changed', 'same', 'added', 'changed'])).toBe('1 added, 2 changed');
  expect(tally(['same', 'same'])).toBe('No difference');
  expect(tally([])).toBe('No difference');
});

test('a pointer into the manifest is read as a path', () => {
  expect(pointerName('/provenance/datasets/0')).toBe('provenance › datasets › 0');
  expect(pointerName('/module/labels/team~1owner~0old')).toBe('module › labels › team/owner~old');
  expect(pointerName('')).toBe('everything');
});

test('values of the manifest stand as they are there', () => {
  expect(valueText('MIT')).toBe('MIT');
  expect(valueText(0.0005)).toBe('0.0005');
  expect(valueText(['a', 'b'])).toBe('a, b');
  expect(valueText([1, 'b'])).toBe('[1,"b"]');
  expect(valueText([])).toBe('[]');
  expect(valueText(null)).toBe('null');
});

test('a figure grows or shrinks in its own measure and in percent', () => {
  expect(difference(0.01, 0.012, formatSeconds)).toEqual({ text: '+2.00 ms (+20 %)', is: 'more' });
  expect(difference(2048, 1024, formatBytes)).toEqual({ text: '−1.0 KiB (−50 %)', is: 'less' });
  expect(difference(5, 5)).toEqual({ text: '±0', is: 'same' });
});

test('small shares keep their digits, huge ones become times, and nothing is no measure', () => {
  expect(difference(1000, 1001).text).toBe('+1 (+0.1 %)');
  expect(difference(1, 101).text).toBe('+100 (101 times as much)');
  expect(difference(0, 3).text).toBe('+3');
});

test('the parts of a port that differ are told', () => {
  const before: Port = { name: 'logits', dtype: 'float32', dims: ['batch', 6] };
  const after: Port = { ...before, dims: ['batch', 8], normalisation: 'softmax' };
  expect(portParts(after, before)).toEqual([
    { field: 'dtype', text: 'float32', differs: false },
    { field: 'dims', text: '[batch, 8]', differs: true },
    { field: 'normalisation', text: 'softmax', differs: true },
  ]);
  expect(portParts(after, null).some(({ differs }) => differs)).toBe(false);
});
