import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import type { Graph } from '@/api/types';
import { graphOf, keyOf, star } from '@/test/bigGraph';
import { mockApi, Refusal } from '@/test/mockApi';
import { renderAt } from '@/test/renderAt';

const OF_RELEASE = '/api/v1/modules/{namespace}/{name}/releases/{revision}/lineage';
const OF_NODE = '/api/v1/lineage';
const AT = '/lineage?of=acme/topics@1.0.0&view=list';

const NEAR = graphOf('acme/topics@1.0.0', [
  ['acme/topics@1.0.0', 'attaches_to', 'acme/base@1.0.0'],
  ['acme/topics@1.0.0', 'trained_on', 'data/mails'],
  ['acme/bad@1.1.0', 'parent', 'acme/topics@1.0.0'],
]);

/** The same, and the server knows of two more that were made from the backbone. */
const MORE: Graph = {
  ...NEAR,
  nodes: NEAR.nodes.map((node) =>
    node.key === keyOf('acme/base@1.0.0') ? { ...node, down: node.down + 2 } : node,
  ),
};

const line = (text: string) =>
  screen
    .getAllByRole('listitem')
    .find((item) => within(item).queryByRole('button', { name: text }) !== null);

test('the list tells what it was made from and what was made from it, and how', async () => {
  mockApi({ [OF_RELEASE]: NEAR });
  renderAt(AT);
  const from = await screen.findByRole('region', { name: 'Made from' });
  expect(within(from).getByText('acme/base@1.0.0')).toBeTruthy();
  expect(within(from).getByText('trained on')).toBeTruthy();
  const into = screen.getByRole('region', { name: 'Made into' });
  expect(within(into).getByText('continued by')).toBeTruthy();
  expect(within(into).getByText('Quarantined')).toBeTruthy();
  expect(screen.getByText('4 nodes, 3 relations')).toBeTruthy();
});

describe('the details', () => {
  test('are about what is looked at, and lead to its release and its lineage', async () => {
    mockApi({ [OF_RELEASE]: NEAR });
    const router = renderAt(AT);
    const into = await screen.findByRole('region', { name: 'Made into' });
    fireEvent.click(within(into).getByRole('button', { name: 'acme/bad@1.1.0' }));
    const details = screen.getByRole('complementary', { name: 'Details' });
    expect(await within(details).findByRole('heading', { name: /acme\/bad@1.1.0/ })).toBeTruthy();
    const target = (name: string) =>
      within(details).getByRole('link', { name }).getAttribute('href');
    expect(target('Open the release')).toBe('/modules/acme/bad/1.1.0');
    expect(target('Lineage from here')).toBe('/lineage?of=acme%2Fbad%401.1.0');
    expect(router.state.location.search).toMatchObject({ focus: keyOf('acme/bad@1.1.0') });
  });

  test('hide a side of it, and show it again without asking', async () => {
    let asked = 0;
    mockApi({
      [OF_RELEASE]: () => {
        asked += 1;
        return NEAR;
      },
    });
    renderAt(AT);
    const details = await screen.findByRole('complementary', { name: 'Details' });
    const hide = within(details).getAllByRole('button', { name: 'Hide' });
    if (hide[0]) fireEvent.click(hide[0]);
    expect(await screen.findByText('2 nodes, 1 relation')).toBeTruthy();
    fireEvent.click(await screen.findByRole('button', { name: 'Show 2 more' }));
    expect(await screen.findByText('4 nodes, 3 relations')).toBeTruthy();
    expect(asked).toBe(1);
  });
});

test('more is asked for one step at a time, and put to the rest', async () => {
  const asked: URLSearchParams[] = [];
  mockApi({
    [OF_RELEASE]: MORE,
    [OF_NODE]: (url) => {
      asked.push(url.searchParams);
      return graphOf('acme/base@1.0.0', [
        ['acme/topics@1.0.0', 'attaches_to', 'acme/base@1.0.0'],
        ['acme/one@1.0.0', 'attaches_to', 'acme/base@1.0.0'],
        ['acme/two@1.0.0', 'attaches_to', 'acme/base@1.0.0'],
      ]);
    },
  });
  const router = renderAt(AT);
  fireEvent.click(await screen.findByRole('button', { name: '2 more made into' }));
  expect(await screen.findByText('6 nodes, 5 relations')).toBeTruthy();
  expect(line('acme/one@1.0.0')).toBeTruthy();
  expect(Object.fromEntries(asked[0] ?? [])).toEqual({
    node: keyOf('acme/base@1.0.0'),
    depth: '1',
    direction: 'down',
  });
  expect(router.state.location.search).toMatchObject({
    more: [`down ${keyOf('acme/base@1.0.0')}`],
  });
});

test('depth and direction are asked of the server and kept in the address', async () => {
  const asked: string[] = [];
  mockApi({
    [OF_RELEASE]: (url) => {
      asked.push(
        `${url.searchParams.get('depth') ?? ''} ${url.searchParams.get('direction') ?? ''}`,
      );
      return NEAR;
    },
  });
  const router = renderAt(AT);
  fireEvent.click(await screen.findByRole('button', { name: 'One step more' }));
  await waitFor(() => {
    expect(asked).toEqual(['2 both', '3 both']);
  });
  fireEvent.click(await screen.findByRole('radio', { name: 'Made from' }));
  await waitFor(() => {
    expect(asked.at(-1)).toBe('3 up');
  });
  expect(router.state.location.search).toMatchObject({ depth: 3, direction: 'up' });
});

test('finding goes from hit to hit by Enter, and says which one it is', async () => {
  mockApi({ [OF_RELEASE]: star(30) });
  const router = renderAt('/lineage?of=hub/base@1.0.0&view=list');
  const box = await screen.findByRole('searchbox', { name: 'Find in the graph' });
  fireEvent.change(box, { target: { value: 'adapter 2' } });
  expect(await screen.findByText('12')).toBeTruthy();
  fireEvent.keyDown(box, { key: 'Enter' });
  expect(await screen.findByText('1 of 12')).toBeTruthy();
  expect(router.state.location.search).toMatchObject({ focus: keyOf('team/adapter-2@1.0.0') });
  fireEvent.keyDown(box, { key: 'Enter', shiftKey: true });
  expect(await screen.findByText('12 of 12')).toBeTruthy();
});

test('a data set is the middle of a lineage too', async () => {
  const asked: string[] = [];
  mockApi({
    [OF_NODE]: (url) => {
      asked.push(url.searchParams.get('node') ?? '');
      return graphOf('data/mails', [['acme/topics@1.0.0', 'trained_on', 'data/mails']]);
    },
  });
  renderAt('/lineage?of=dataset:data/mails&view=list');
  const into = await screen.findByRole('region', { name: 'Made into' });
  expect(within(into).getByText('acme/topics@1.0.0')).toBeTruthy();
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(
    'Lineage of the data set data/mails',
  );
  expect(asked).toEqual(['dataset:data/mails']);
});

test('what stands alone says so, and what is not there says that', async () => {
  mockApi({ [OF_RELEASE]: graphOf('acme/topics@1.0.0', []) });
  renderAt(AT);
  expect(await screen.findByText('It stands alone')).toBeTruthy();
});

test('a refusal shows its code and its remedy', async () => {
  mockApi({ [OF_RELEASE]: new Refusal({ status: 404, code: 'not_found', remedy: 'Look again.' }) });
  renderAt(AT);
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText('not_found')).toBeTruthy();
  expect(within(alert).getByText('Look again.')).toBeTruthy();
});

describe('without anything asked for', () => {
  const modules = {
    items: [
      {
        name: 'acme/topics',
        kind: 'adapter' as const,
        description: 'Sorts mails',
        created_at: '2026-07-01T09:00:00Z',
        releases: 1,
        latest_version: '1.0.0',
        tasks: [],
        bases: [],
      },
    ],
  };

  test('the page explains itself and offers releases', async () => {
    mockApi({ '/api/v1/modules': modules });
    renderAt('/lineage');
    const link = await screen.findByRole('link', { name: 'acme/topics 1.0.0' });
    expect(link.getAttribute('href')).toBe('/lineage?of=acme%2Ftopics%401.0.0');
    expect(screen.getByText(/Every manifest names what its release was made from/)).toBeTruthy();
  });

  test('a data set is typed by its name', async () => {
    mockApi({ '/api/v1/modules': modules, [OF_NODE]: graphOf('data/mails', []) });
    const router = renderAt('/lineage');
    fireEvent.change(await screen.findByLabelText('Its name'), { target: { value: 'data/mails' } });
    fireEvent.click(screen.getByRole('button', { name: 'It is a data set' }));
    await waitFor(() => {
      expect(router.state.location.search).toEqual({ of: 'dataset:data/mails' });
    });
  });
});
