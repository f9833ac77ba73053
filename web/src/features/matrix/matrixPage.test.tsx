import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Grid, PairView } from '@/api/types';
import { bigGrid } from '@/test/bigGrid';
import { mockApi, Refusal } from '@/test/mockApi';
import { renderAt } from '@/test/renderAt';

const GRID = '/api/v1/modules/{namespace}/{name}/matrix/grid';
const PAIR = '/api/v1/compatibility';
const AT = '/modules/acme/tiny-bert/matrix';

const SMALL: Grid = {
  columns: [
    { version: '1.0.0', state: 'published' },
    { version: '2.0.0', state: 'published' },
  ],
  rows: [
    { module: 'acme/scales', version: '1.0.0', kind: 'adapter', state: 'quarantined', cells: 'c.' },
    { module: 'acme/topics', version: '1.0.0', kind: 'adapter', state: 'published', cells: 'ci' },
    { module: 'acme/topics', version: '1.1.0', kind: 'adapter', state: 'published', cells: 'cc' },
  ],
};

const BROKEN: PairView = {
  dependent: 'acme/topics@1.0.0',
  dependent_kind: 'adapter',
  base: 'acme/tiny-bert@2.0.0',
  verdict: 'incompatible',
  facts: { declared: 'compatible', structural: 'compatible', behavioural: 'incompatible' },
  smoke_run: '0197b2c4-0000-7000-8000-000000000001',
  updated_at: '2026-07-02T09:00:00Z',
  findings: [
    {
      rule: 'behaviour_drift',
      severity: 'error',
      subject: 'acme/topics@1.0.0',
      message: 'The outputs differ.',
      remedy: 'Train it again.',
    },
  ],
};

// jsdom lays nothing out: here is a window of 1200 by 700.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(700);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const cell = (name: string) => screen.findByRole('gridcell', { name });

test('every pair is a cell that says what it is without colour', async () => {
  mockApi({ [GRID]: SMALL });
  renderAt(AT);
  const broken = await cell('acme/topics 1.0.0 on 2.0.0: incompatible');
  expect(broken.textContent).toContain('✕');
  expect((await cell('acme/scales 1.0.0 on 2.0.0: never paired')).textContent).toContain('·');
  const grid = screen.getByRole('grid');
  expect(grid.getAttribute('aria-rowcount')).toBe('5');
  expect(grid.getAttribute('aria-colcount')).toBe('3');
});

test('a sentence says what the newest release breaks, and a press shows only that', async () => {
  mockApi({ [GRID]: SMALL });
  const router = renderAt(AT);
  expect(await screen.findByText(/, the newest, breaks/)).toBeTruthy();
  expect(screen.getByText('1 release')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Show only what breaks on 2.0.0' }));
  await waitFor(() => {
    expect(screen.getAllByRole('rowheader')).toHaveLength(1);
  });
  expect(router.state.location.search).toEqual({ breaks: true });
});

test('the legend counts, and narrows to rows with such a pair', async () => {
  mockApi({ [GRID]: SMALL });
  const router = renderAt(AT);
  fireEvent.click(await screen.findByRole('button', { name: /Never paired 1/ }));
  await waitFor(() => {
    expect(screen.getAllByRole('rowheader')).toHaveLength(1);
  });
  expect(screen.getByRole('rowheader').title).toContain('acme/scales 1.0.0');
  expect(router.state.location.search).toEqual({ verdict: 'unpaired' });
});

describe('the explanation of a cell', () => {
  test('shows three facts, the findings and leads to the run and both releases', async () => {
    const asked: string[] = [];
    mockApi({
      [GRID]: SMALL,
      [PAIR]: (url) => {
        asked.push(url.search);
        return BROKEN;
      },
    });
    const router = renderAt(AT);
    fireEvent.click(await cell('acme/topics 1.0.0 on 2.0.0: incompatible'));
    const panel = await screen.findByRole('region', { name: /acme\/topics@1.0.0 on/ });
    expect(await within(panel).findByText('Behavioural')).toBeTruthy();
    for (const words of ['Declared', 'Structural', 'Train it again.', 'behaviour_drift']) {
      expect(within(panel).getByText(words)).toBeTruthy();
    }
    const target = (name: RegExp) => within(panel).getByRole('link', { name }).getAttribute('href');
    expect(target(/smoke run/)).toBe(`/smoke-runs/${BROKEN.smoke_run ?? ''}`);
    expect(target(/topics/)).toBe('/modules/acme/topics/1.0.0');
    expect(target(/tiny-bert/)).toBe('/modules/acme/tiny-bert/2.0.0');
    expect(router.state.location.search).toEqual({ dependent: 'acme/topics@1.0.0', base: '2.0.0' });
    const query = new URLSearchParams(asked[0]);
    expect(query.get('base')).toBe('acme/tiny-bert@2.0.0');
    expect(query.get('dependent')).toBe('acme/topics@1.0.0');
  });

  test('is there for who comes with the address, and Escape closes it', async () => {
    mockApi({ [GRID]: SMALL, [PAIR]: BROKEN });
    const router = renderAt(`${AT}?dependent=acme/topics@1.0.0&base=2.0.0`);
    expect(await screen.findByText('behaviour_drift')).toBeTruthy();
    const selected = await cell('acme/topics 1.0.0 on 2.0.0: incompatible');
    expect(selected.getAttribute('aria-selected')).toBe('true');
    fireEvent.keyDown(document.documentElement, { key: 'Escape' });
    await waitFor(() => {
      expect(router.state.location.search).toEqual({});
    });
    expect(screen.queryByText('behaviour_drift')).toBeNull();
  });

  test('says that two were never paired', async () => {
    mockApi({ [GRID]: SMALL, [PAIR]: new Refusal({ status: 404, code: 'not_found' }) });
    renderAt(`${AT}?dependent=acme/scales@1.0.0&base=2.0.0`);
    expect(await screen.findByText('They were never paired')).toBeTruthy();
  });
});

describe('by keyboard', () => {
  test('arrows lead from cell to cell, one of which is in the order of tabs', async () => {
    mockApi({ [GRID]: SMALL });
    renderAt(AT);
    const first = await cell('acme/scales 1.0.0 on 2.0.0: never paired');
    expect(first.tabIndex).toBe(0);
    first.focus();
    fireEvent.keyDown(first, { key: 'ArrowRight' });
    const right = await cell('acme/scales 1.0.0 on 1.0.0: compatible');
    expect(document.activeElement).toBe(right);
    expect([first.tabIndex, right.tabIndex]).toEqual([-1, 0]);
    fireEvent.keyDown(right, { key: 'End', ctrlKey: true });
    expect(document.activeElement?.getAttribute('aria-label')).toBe(
      'acme/topics 1.0.0 on 1.0.0: compatible',
    );
  });

  test('Enter explains a cell, folds a group and chooses a release', async () => {
    mockApi({ [GRID]: SMALL, [PAIR]: BROKEN });
    const router = renderAt(AT);
    fireEvent.keyDown(await cell('acme/topics 1.1.0 on 2.0.0: compatible'), { key: 'Enter' });
    await waitFor(() => {
      expect(router.state.location.search).toMatchObject({ dependent: 'acme/topics@1.1.0' });
    });
    const header = screen.getAllByRole('rowheader')[1];
    expect(header?.getAttribute('aria-expanded')).toBe('true');
    if (header) fireEvent.keyDown(header, { key: 'Enter' });
    expect(await cell('acme/topics 1.x on 2.0.0: 1 incompatible, 1 compatible')).toBeTruthy();
    fireEvent.keyDown(screen.getByRole('columnheader', { name: '1.0.0' }), { key: 'Enter' });
    await waitFor(() => {
      expect(router.state.location.search).toMatchObject({ on: '1.0.0' });
    });
  });
});

test('of thousands of cells only those are there that are seen', async () => {
  const big = bigGrid(2000, 100);
  mockApi({
    [GRID]: (url) => {
      const from = Number(url.searchParams.get('after') ?? 0);
      const next = from + 1000;
      return {
        columns: big.columns,
        rows: big.rows.slice(from, next),
        next: next < 2000 ? String(next) : null,
      };
    },
  });
  renderAt(AT);
  expect(await screen.findByText('2,000 dependent releases on 100 releases')).toBeTruthy();
  const cells = screen.getAllByRole('gridcell');
  expect(cells.length).toBeGreaterThan(200);
  expect(cells.length).toBeLessThan(1500);
  expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('2002');
});

test('more rows than can be shown are not asked for, and are found by name', async () => {
  const asked: string[] = [];
  const { columns, rows } = bigGrid(1000, 4);
  mockApi({
    [GRID]: (url) => {
      asked.push(url.search);
      const found = url.searchParams.get('query');
      const after = Number(url.searchParams.get('after') ?? 0);
      if (found) return { columns, rows: [{ ...SMALL.rows[1], module: 'zeta/hidden' } as never] };
      return {
        columns,
        rows: rows.map((row) => ({ ...row, module: `${row.module}-${after}` })),
        next: String(after + 1),
      };
    },
  });
  renderAt(AT);
  expect(await screen.findByText(/These are the first 5,000 releases/)).toBeTruthy();
  expect(asked).toHaveLength(5);
  fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'hidden' } });
  expect(await screen.findByText('zeta/')).toBeTruthy();
});

test('a module that nothing requires says so', async () => {
  mockApi({ [GRID]: { columns: SMALL.columns, rows: [] } });
  renderAt(AT);
  expect(await screen.findByText('Nothing requires acme/tiny-bert yet')).toBeTruthy();
});

test('a refusal shows its code and its remedy', async () => {
  mockApi({ [GRID]: new Refusal({ status: 403, code: 'forbidden', remedy: 'Ask Ana.' }) });
  renderAt(AT);
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText('forbidden')).toBeTruthy();
  expect(within(alert).getByText('Ask Ana.')).toBeTruthy();
});
