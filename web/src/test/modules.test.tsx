import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Facets, ModuleSummary } from '@/api/types';
import { type Answers, mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';

function module(name: string, more: Partial<ModuleSummary> = {}): ModuleSummary {
  return {
    name,
    kind: 'adapter',
    description: '',
    created_at: '2026-07-01T09:00:00Z',
    releases: 2,
    latest_version: '1.1.0',
    latest_published_at: '2026-07-02T09:00:00Z',
    state: 'published',
    tasks: [],
    bases: [],
    ...more,
  };
}

const FACETS: Facets = {
  kinds: [
    { value: 'adapter', count: 2 },
    { value: 'head', count: 1 },
  ],
  namespaces: Array.from({ length: 12 }, (_, n) => ({ value: `team-${n}`, count: 1 })),
  tasks: [],
  bases: [],
  states: [{ value: 'none', count: 1 }],
  total: 3,
};

/** Answers that say what they were asked; by default there are three modules. */
function answers(more: Answers = {}): { asked: URLSearchParams[]; answers: Answers } {
  const asked: URLSearchParams[] = [];
  const list = (url: URL) => {
    asked.push(url.searchParams);
    return { items: ['acme/topics', 'acme/urgency', 'mail/spam'].map((name) => module(name)) };
  };
  return { asked, answers: { '/api/v1/modules': list, '/api/v1/module-facets': FACETS, ...more } };
}

const box = () => screen.getByRole<HTMLInputElement>('searchbox', { name: 'Search modules' });

function type(text: string) {
  for (let end = 1; end <= text.length; end += 1) {
    fireEvent.change(box(), { target: { value: text.slice(0, end) } });
  }
}

test('a line says what a module is, what is proven of it and what it fits', async () => {
  const topics = module('acme/topics', {
    description: 'Sorts mails',
    state: 'deprecated',
    verdict: 'incompatible',
    tasks: ['text-classification', 'ner'],
    bases: ['acme/tiny-bert'],
  });
  mockApi(answers({ '/api/v1/modules': { items: [topics] } }).answers);
  renderAt('/modules');
  const line = await screen.findByRole('listitem');
  for (const words of [
    'acme/topics',
    'Adapter',
    'Sorts mails',
    '1.1.0',
    'Deprecated',
    'Incompatible',
    'text-classification, ner',
    'acme/tiny-bert',
    '2 releases',
  ]) {
    expect(line.textContent).toContain(words);
  }
});

test('typing goes on while answers are slow, and the address ends with what was typed', async () => {
  const waiting: (() => void)[] = [];
  const slow = (url: URL) =>
    new Promise<{ items: ModuleSummary[] }>((resolve) => {
      waiting.push(() => {
        resolve({ items: [module(`acme/found-by-${url.searchParams.get('query') ?? 'nothing'}`)] });
      });
    });
  mockApi(answers({ '/api/v1/modules': slow }).answers);
  const router = renderAt('/modules');
  await screen.findByRole('searchbox', { name: 'Search modules' });
  const before = box();
  before.focus();
  type('top');
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ query: 'top' });
  });
  type('topics');
  expect(box().value).toBe('topics');
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ query: 'topics' });
  });
  for (const answer of waiting) answer();
  expect(await screen.findByText('found-by-topics')).toBeTruthy();
  expect(box()).toBe(before);
  expect(document.activeElement).toBe(before);
  expect(box().value).toBe('topics');
});

test('what was found before stays until the next answer is there', async () => {
  let answer = (): void => undefined;
  const list = (url: URL) => {
    const query = url.searchParams.get('query');
    if (query === null) return { items: [module('acme/first')] };
    return new Promise<{ items: ModuleSummary[] }>((resolve) => {
      answer = () => {
        resolve({ items: [module('acme/second')] });
      };
    });
  };
  mockApi(answers({ '/api/v1/modules': list }).answers);
  renderAt('/modules');
  await screen.findByText('first');
  type('se');
  expect(await screen.findByText('Searching')).toBeTruthy();
  expect(screen.getByText('first')).toBeTruthy();
  answer();
  expect(await screen.findByText('second')).toBeTruthy();
  expect(screen.queryByText('first')).toBe(null);
});

test('facets narrow the list, and each can be taken away again', async () => {
  const { asked, answers: given } = answers();
  mockApi(given);
  const router = renderAt('/modules?query=mails');
  fireEvent.click(await screen.findByRole('checkbox', { name: /^Adapter/ }));
  fireEvent.click(await screen.findByRole('checkbox', { name: /^Head/ }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ query: 'mails', kind: 'adapter,head' });
  });
  await waitFor(() => {
    expect(asked.at(-1)?.get('kind')).toBe('adapter,head');
  });
  const chips = await screen.findByRole('list', { name: 'Active filters' });
  fireEvent.click(within(chips).getByRole('button', { name: 'Remove the filter Kind: Adapter' }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ query: 'mails', kind: 'head' });
  });
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Remove the filter Kind: Head');
  fireEvent.click(screen.getByRole('button', { name: 'Remove the filter Kind: Head' }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ query: 'mails' });
  });
  expect(document.activeElement).toBe(box());
});

test('a long facet is searched and opened', async () => {
  mockApi(answers().answers);
  renderAt('/modules');
  const group = await screen.findByRole('group', { name: 'Namespace' });
  expect(within(group).queryByRole('checkbox', { name: /team-11/ })).toBe(null);
  fireEvent.click(within(group).getByRole('button', { name: 'Show all 12' }));
  expect(within(group).getAllByRole('checkbox')).toHaveLength(12);
  fireEvent.change(within(group).getByRole('searchbox'), { target: { value: '11' } });
  expect(within(group).getAllByRole('checkbox')).toHaveLength(1);
});

test('arrows lead from the search into the list and out again, Enter opens', async () => {
  mockApi(answers().answers);
  const router = renderAt('/modules');
  await screen.findByText('topics');
  fireEvent.keyDown(document.body, { key: '/' });
  expect(document.activeElement).toBe(box());
  const press = (key: string) => {
    fireEvent.keyDown(document.activeElement ?? document.body, { key });
  };
  press('ArrowDown');
  expect(document.activeElement?.textContent).toBe('acme/topics');
  press('j');
  expect(document.activeElement?.textContent).toBe('acme/urgency');
  press('ArrowDown');
  expect(document.activeElement?.textContent).toBe('mail/spam');
  press('k');
  press('ArrowUp');
  press('ArrowUp');
  expect(document.activeElement).toBe(box());
  press('Escape');
  expect(document.activeElement).toBe(document.body);
  press('j');
  press('Escape');
  expect(document.activeElement).toBe(box());
  press('Enter');
  await waitFor(() => {
    expect(router.state.location.pathname).toBe('/modules/acme/topics');
  });
});

test('Enter before the answer is there opens what it finds, not what was found before', async () => {
  const list = async (url: URL) => {
    await new Promise((done) => setTimeout(done, 50));
    return {
      items: [module(url.searchParams.get('query') === 'spam' ? 'mail/spam' : 'acme/topics')],
    };
  };
  mockApi(answers({ '/api/v1/modules': list }).answers);
  const router = renderAt('/modules');
  await screen.findByText('topics');
  type('spam');
  fireEvent.keyDown(box(), { key: 'Enter' });
  await waitFor(() => {
    expect(router.state.location.pathname).toBe('/modules/mail/spam');
  });
});

test('a refused list says why and leaves search and filters standing', async () => {
  mockApi(
    answers({
      '/api/v1/modules': new Refusal({
        status: 400,
        code: 'bad_request',
        remedy: 'Ask otherwise.',
      }),
    }).answers,
  );
  renderAt('/modules?kind=nonsense');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('bad_request');
  expect(alert.textContent).toContain('Ask otherwise.');
  expect(box()).toBeTruthy();
  expect(screen.getByRole('checkbox', { name: 'Nonsense 0' })).toBeTruthy();
});

test('counts that are refused leave the list standing', async () => {
  mockApi(
    answers({ '/api/v1/module-facets': new Refusal({ status: 500, code: 'internal' }) }).answers,
  );
  renderAt('/modules');
  expect(await screen.findByText('internal')).toBeTruthy();
  expect(screen.getAllByRole('listitem')).toHaveLength(3);
});
