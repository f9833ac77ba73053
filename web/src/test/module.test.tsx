import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';
import { answers, AT, CHANNEL, move, release, signedIn, STABLE } from './topics';

const region = (name: string) => screen.findByRole('region', { name });

test('releases show state, verdict and the channels that point at them', async () => {
  mockApi(
    answers({
      [`${AT}/releases`]: {
        items: [release('1.1.0'), release('1.0.0', { state: 'deprecated', state_reason: 'Old' })],
      },
    }),
  );
  renderAt('/modules/acme/topics');
  const releases = await region('Releases');
  await waitFor(() => {
    const [, first, second] = within(releases).getAllByRole('row');
    for (const words of ['1.1.0', 'stable', 'Published', 'Compatible', 'by ana']) {
      expect(first?.textContent).toContain(words);
    }
    for (const words of ['1.0.0', 'Deprecated', 'Old'])
      expect(second?.textContent).toContain(words);
  });
});

test('two releases are chosen to be compared, the older one first', async () => {
  mockApi(answers());
  renderAt('/modules/acme/topics');
  fireEvent.click(await screen.findByRole('checkbox', { name: 'Compare 1.1.0' }));
  expect(screen.getByText('Choose one more to compare')).toBeTruthy();
  fireEvent.click(screen.getByRole('checkbox', { name: 'Compare 1.0.0' }));
  const link = screen.getByRole('link', { name: 'Compare 1.0.0 with 1.1.0' });
  expect(link.getAttribute('href')).toBe('/modules/acme/topics/compare?from=1.0.0&to=1.1.0');
});

test('moves tell where from, where to, who, when and why, and one quarantine is one deed', async () => {
  const quarantine = { action: 'quarantine', from: '1.0.1', to: null, actor: 'ops', reason: 'Bad' };
  mockApi(
    answers({
      [`${AT}/moves`]: {
        items: [
          move('stable', 5, { action: 'roll_back', from: '1.1.0', to: '1.0.0' }),
          move('canary', 3, quarantine),
          move('stable', 4, quarantine),
        ],
      },
    }),
  );
  renderAt('/modules/acme/topics');
  const moves = await region('Moves');
  await waitFor(() => {
    expect(within(moves).getAllByRole('listitem')).toHaveLength(2);
  });
  const [rollback, taken] = within(moves).getAllByRole('listitem');
  expect(rollback?.textContent).toContain('Rollback by ana');
  for (const words of ['canary', 'stable', 'nothing', 'Bad', 'Quarantine by ops']) {
    expect(taken?.textContent).toContain(words);
  }
});

test('the moves of one channel are asked for by its own history, and the address says so', async () => {
  mockApi(
    answers({
      [`${AT}/channels`]: [STABLE, { ...STABLE, name: 'canary' }],
      [`${CHANNEL}/history`]: { items: [move('canary', 9, { reason: 'Nightly' })] },
    }),
  );
  const router = renderAt('/modules/acme/topics');
  fireEvent.click(await screen.findByRole('radio', { name: 'canary' }));
  const moves = await region('Moves');
  expect(await within(moves).findByText('Nightly')).toBeTruthy();
  expect(router.state.location.search).toEqual({ channel: 'canary' });
});

test('who is signed out is offered nothing that they may not do, and told where owners are', async () => {
  const roles = new Refusal({ status: 401, code: 'unauthenticated' });
  mockApi(answers({ '/api/v1/namespaces/{namespace}/roles': roles }));
  renderAt('/modules/acme/topics');
  const owners = await region('Owners');
  const link = await within(owners).findByRole('link', { name: 'Sign in' });
  expect(link.getAttribute('href')).toBe('/sign-in?then=%2Fmodules%2Facme%2Ftopics');
  await screen.findAllByText('by ana');
  for (const name of ['Roll back stable', 'New channel', 'Actions on 1.1.0']) {
    expect(screen.queryByRole('button', { name })).toBe(null);
  }
});

test('who may operate is offered no quarantine', async () => {
  mockApi(answers(signedIn('read', 'operate')));
  renderAt('/modules/acme/topics');
  fireEvent.click(await screen.findByRole('button', { name: 'Actions on 1.1.0' }));
  const items = (await screen.findAllByRole('menuitem')).map((item) => item.textContent);
  expect(items).toEqual(['New channel here…', 'Deprecate…', 'Yank…']);
});

test('parts that are empty or refused say so, and leave the rest standing', async () => {
  mockApi(
    answers({
      [`${AT}/channels`]: [],
      [`${AT}/moves`]: { items: [] },
      [`${AT}/dependents`]: new Refusal({ status: 500, code: 'internal' }),
      '/api/v1/namespaces/{namespace}/roles': [],
    }),
  );
  renderAt('/modules/acme/topics');
  for (const words of [
    'No channel yet',
    'No channel has moved yet',
    'internal',
    'Nobody has a role here',
    'Too few releases to tell how often one comes.',
  ]) {
    expect(await screen.findByText(words)).toBeTruthy();
  }
});

test('what attaches to a module shows with what it admits and how it does', async () => {
  mockApi(
    answers({
      [`${AT}/dependents`]: {
        items: [
          {
            module: 'acme/head',
            kind: 'head',
            version: '2.0.0',
            range: '>=1, <3',
            base_version: '1.1.0',
            verdict: 'incompatible',
          },
        ],
      },
      [`${AT}/cadence`]: {
        releases: 2,
        median_days: 21.46,
        months: [{ month: '2026-07', count: 2 }],
      },
    }),
  );
  renderAt('/modules/acme/topics');
  const table = await screen.findByRole('table', { name: 'Modules that attach to it' });
  const [, row] = within(table).getAllByRole('row');
  for (const words of ['acme/head', 'Head', '2.0.0', '>=1, <3', '1.1.0', 'Incompatible']) {
    expect(row?.textContent).toContain(words);
  }
  expect(screen.getByText('July 2026: 2 releases')).toBeTruthy();
  expect(screen.getByText(/A release every 21\.5 days/)).toBeTruthy();
});
