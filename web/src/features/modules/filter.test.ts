import { expect, test } from 'vitest';
import { chosenOf, isNarrowed, narrowings, readFilter, searched, toggled } from './filter';

test('an address says what is searched for and what the list is narrowed to', () => {
  const filter = readFilter({ query: 'topi', kind: 'head,adapter', base: 'acme/tiny-bert' });
  expect(filter).toEqual({ query: 'topi', kind: 'adapter,head', base: 'acme/tiny-bert' });
  expect(narrowings(filter)).toEqual([
    { facet: 'kind', value: 'adapter' },
    { facet: 'kind', value: 'head' },
    { facet: 'base', value: 'acme/tiny-bert' },
  ]);
});

test('what makes no sense in an address is left out', () => {
  expect(
    readFilter({ kind: ' , ,', task: null, state: ['draft'], nonsense: 1, query: '  ' }),
  ).toEqual({});
});

test('a number in the address is searched for as it was typed', () => {
  expect(readFilter({ query: 42 })).toEqual({ query: '42' });
  expect(readFilter({ query: true })).toEqual({ query: 'true' });
});

test('the same filter has one address, however it was put together', () => {
  const one = toggled(toggled({}, 'task', 'ner'), 'task', 'asr');
  const other = toggled(toggled({}, 'task', 'asr'), 'task', 'ner');
  expect(one).toEqual(other);
  expect(readFilter({ task: 'ner,asr,ner' })).toEqual(one);
});

test('choosing a value again takes it out, and the last one takes the facet with it', () => {
  const chosen = toggled({ query: 'topi' }, 'kind', 'adapter');
  expect(chosenOf(chosen, 'kind')).toEqual(['adapter']);
  expect(toggled(chosen, 'kind', 'adapter')).toEqual({ query: 'topi' });
});

test('searching keeps what the list is narrowed to', () => {
  expect(searched({ kind: 'adapter', query: 'a' }, ' mails ')).toEqual({
    kind: 'adapter',
    query: 'mails',
  });
  expect(searched({ kind: 'adapter', query: 'a' }, '')).toEqual({ kind: 'adapter' });
});

test('a list is narrowed by words as well as by facets', () => {
  expect(isNarrowed({})).toBe(false);
  expect(isNarrowed({ query: 'a' })).toBe(true);
  expect(isNarrowed({ state: 'none' })).toBe(true);
});
