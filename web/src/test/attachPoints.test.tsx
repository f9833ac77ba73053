import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { mockApi } from './mockApi';
import { renderAt } from './renderAt';
import { RELEASE } from './samples';

const AT = '/api/v1/modules/{namespace}/{name}/releases/{revision}';
const PAGE = '/modules/acme/tiny-bert/1.0.0?tab=interface';

const points = Array.from({ length: 200 }, (_, layer) =>
  ['key', 'query'].map((role) => ({
    name: `encoder.layer.${layer}.${role}.weight`,
    dtype: 'float32',
    shape: [384, 384],
  })),
).flat();

beforeEach(() => {
  mockApi({
    [AT]: { ...RELEASE, kind: 'backbone' },
    [`${AT}/interface`]: {
      architecture: 'bert',
      inputs: [{ name: 'input_ids', dtype: 'int64', dims: ['batch', 128], semantics: 'token ids' }],
      attach_points: points,
    },
  });
});

const labels = (tree: HTMLElement) =>
  within(tree)
    .getAllByRole('treeitem')
    .map((item) => item.title);

test('ports are a table', async () => {
  renderAt(PAGE);
  const table = await screen.findByRole('table', { name: 'Takes' });
  const [, row] = within(table).getAllByRole('row');
  expect(row?.textContent).toContain('input_idsint64batch × 128token ids');
  expect(screen.getByText('nothing that is known')).toBeTruthy();
});

test('of many parameters only those in sight are drawn', async () => {
  renderAt(PAGE);
  const tree = await screen.findByRole('tree', { name: 'Attach points' });
  const items = within(tree).getAllByRole('treeitem');
  expect(items.length).toBeLessThan(60);
  expect(labels(tree).slice(0, 3)).toEqual(['encoder', 'encoder.layer', 'encoder.layer.0']);
  expect(items[0]?.textContent).toContain('400 tensors');
  expect(items[2]?.getAttribute('aria-setsize')).toBe('200');
  expect(items[2]?.getAttribute('aria-level')).toBe('3');
});

test('the keyboard goes through the tree, opens and closes', async () => {
  renderAt(PAGE);
  const tree = await screen.findByRole('tree', { name: 'Attach points' });
  const active = () => within(tree).getByRole('treeitem', { selected: true });
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight']) {
    fireEvent.keyDown(tree, { key });
  }
  expect(active().title).toBe('encoder.layer.0.key');
  expect(tree.getAttribute('aria-activedescendant')).toBe(active().id);
  fireEvent.keyDown(tree, { key: 'ArrowLeft' });
  fireEvent.keyDown(tree, { key: 'ArrowLeft' });
  expect(active().title).toBe('encoder.layer.0');
  expect(active().getAttribute('aria-expanded')).toBe('false');
  fireEvent.keyDown(tree, { key: 'Home' });
  expect(active().title).toBe('encoder');
});

test('looking for a name narrows the tree, opens it, and stands in the address', async () => {
  const router = renderAt(PAGE);
  const search = await screen.findByRole('searchbox', { name: 'Look for attach points' });
  fireEvent.change(search, { target: { value: 'layer.17. query' } });
  expect(await screen.findByText('1 of 400')).toBeTruthy();
  expect(labels(screen.getByRole('tree'))).toEqual([
    'encoder',
    'encoder.layer',
    'encoder.layer.17',
    'encoder.layer.17.query',
    'encoder.layer.17.query.weight',
  ]);
  expect(screen.getByText(/384 × 384/)).toBeTruthy();
  expect(router.state.location.search).toEqual({ tab: 'interface', find: 'layer.17. query' });
});

test('a name that nothing has says so', async () => {
  renderAt(`${PAGE}&find=decoder`);
  expect(await screen.findByText('No attach point is called so')).toBeTruthy();
});
