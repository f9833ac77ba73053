import { expect, test } from 'vitest';
import { fileUrl } from './client';
import { parseReference } from './reference';

test('a reference has three parts', () => {
  expect(parseReference('acme/tiny-bert@1.0.0-rc.1')).toEqual({
    namespace: 'acme',
    name: 'tiny-bert',
    version: '1.0.0-rc.1',
  });
});

test.each(['google/bert', 'acme/a/b@1.0.0', '@1.0.0', 'acme/@1.0.0', ''])('%j is none', (text) => {
  expect(parseReference(text)).toBeNull();
});

test('the address of a file keeps its folders and nothing else of its path', () => {
  const module = { namespace: 'acme', name: 'topics' };
  expect(fileUrl(module, '1.0.0', 'data/50% of #1?.bin')).toBe(
    '/api/v1/modules/acme/topics/releases/1.0.0/files/data/50%25%20of%20%231%3F.bin',
  );
});
