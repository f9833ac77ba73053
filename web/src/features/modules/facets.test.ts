import { expect, test } from 'vitest';
import { choicesOf, FEW, shownOf } from './facets';

const COUNTS = Array.from({ length: 12 }, (_, n) => ({ value: `task-${n}`, count: 12 - n }));
const values = (choices: readonly { value: string }[]) => choices.map(({ value }) => value);

test('what was chosen stays to be taken out, though no module has it any more', () => {
  const choices = choicesOf([{ value: 'head', count: 2 }], ['adapter']);
  expect(choices).toEqual([
    { value: 'head', count: 2, chosen: false },
    { value: 'adapter', count: 0, chosen: true },
  ]);
});

test('a long facet shows its first values and what was chosen, until somebody asks for all', () => {
  const choices = choicesOf(COUNTS, ['task-9']);
  expect(values(shownOf('task', choices, { all: false, text: '' }))).toEqual([
    ...values(COUNTS.slice(0, FEW)),
    'task-9',
  ]);
  expect(shownOf('task', choices, { all: true, text: '' })).toHaveLength(12);
});

test('the values of a facet are searched by the words that stand there', () => {
  const states = choicesOf(
    [
      { value: 'none', count: 1 },
      { value: 'in_review', count: 1 },
    ],
    [],
  );
  expect(values(shownOf('state', states, { all: false, text: 'no rel' }))).toEqual(['none']);
  expect(values(shownOf('state', states, { all: false, text: 'in review' }))).toEqual([
    'in_review',
  ]);
});
