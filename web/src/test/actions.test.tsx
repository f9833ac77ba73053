import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ChannelView, ReleaseView, RollbackView } from '@/api/types';
import { mockApi, Refusal } from './mockApi';
import { renderAt } from './renderAt';
import { answers, AT, CHANNEL, move, release, signedIn, STABLE } from './topics';

const PLAN: RollbackView = {
  channel: 'stable',
  from: '1.1.0',
  to: '1.0.0',
  to_verdict: 'compatible',
  passed_over: [{ version: '1.0.1', reason: 'it is quarantined' }],
  generation: 4,
  applied: false,
};

const button = (name: string | RegExp) => screen.findByRole('button', { name });

/** Presses it, and waits for the dialog. */
async function open(name: string) {
  const opener = await button(name);
  fireEvent.click(opener);
  return { opener, dialog: await screen.findByRole('dialog') };
}

async function write(label: RegExp, text: string) {
  fireEvent.change(await screen.findByLabelText(label), { target: { value: text } });
}

test('a rollback shows what moves, wants a reason and its name, and does just that', async () => {
  const sent: [unknown, string | null][] = [];
  mockApi(
    answers({
      ...signedIn('operate'),
      [`POST ${CHANNEL}/rollback`]: (_: URL, body: unknown, headers: Headers) => {
        sent.push([body, headers.get('If-Match')]);
        const dry = (body as { dry_run?: boolean }).dry_run ?? false;
        return dry ? PLAN : { ...PLAN, applied: true, generation: 5 };
      },
    }),
  );
  renderAt('/modules/acme/topics');
  const { opener, dialog } = await open('Roll back stable');
  expect(await within(dialog).findByText('it is quarantined', { exact: false })).toBeTruthy();
  fireEvent.click(await within(dialog).findByRole('button', { name: 'Roll back to 1.0.0' }));
  expect(within(dialog).getByText('Say why: it stays in the history.')).toBeTruthy();
  expect(within(dialog).getByText('Type topics@stable, letter by letter.')).toBeTruthy();
  expect(sent).toHaveLength(1);
  await write(/^Why/, 'It is slow');
  await write(/to confirm/, 'topics@stable');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Roll back to 1.0.0' }));
  expect(await screen.findByText('stable went back from 1.1.0 to 1.0.0.')).toBeTruthy();
  expect(sent[0]).toEqual([{ dry_run: true }, null]);
  expect(sent[1]).toEqual([{ to: '1.0.0', reason: 'It is slow' }, '"4"']);
  expect(screen.queryByRole('dialog')).toBe(null);
  await waitFor(() => {
    expect(document.activeElement).toBe(opener);
  });
});

test('a channel that moved meanwhile refuses the rollback, and the preview says what changed', async () => {
  let moved = false;
  const after = { ...PLAN, from: '1.2.0', to: '1.1.0', passed_over: [], generation: 5 };
  const tried: unknown[] = [];
  mockApi(
    answers({
      ...signedIn('operate'),
      [`POST ${CHANNEL}/rollback`]: (_: URL, body: unknown, headers: Headers) => {
        if ((body as { dry_run?: boolean }).dry_run) return moved ? after : PLAN;
        tried.push(headers.get('If-Match'));
        if (moved) return { ...after, applied: true };
        moved = true;
        return new Refusal({ status: 412, code: 'precondition_failed', remedy: 'Look again.' });
      },
    }),
  );
  renderAt('/modules/acme/topics');
  const { dialog } = await open('Roll back stable');
  await write(/^Why/, 'It is slow');
  await write(/to confirm/, 'topics@stable');
  fireEvent.click(await within(dialog).findByRole('button', { name: 'Roll back to 1.0.0' }));
  expect(await within(dialog).findByText('precondition_failed')).toBeTruthy();
  expect(within(dialog).getByText('Look again.')).toBeTruthy();
  const said = 'stable pointed at 1.1.0, and points at 1.2.0 now.';
  expect(await within(dialog).findByText(said)).toBeTruthy();
  expect(within(dialog).getByText('It would go back to 1.1.0 instead of 1.0.0.')).toBeTruthy();
  // Nothing that was typed is lost.
  expect(within(dialog).getByLabelText<HTMLTextAreaElement>(/^Why/).value).toBe('It is slow');
  fireEvent.click(await within(dialog).findByRole('button', { name: 'Roll back to 1.1.0' }));
  expect(await screen.findByText('stable went back from 1.2.0 to 1.1.0.')).toBeTruthy();
  expect(tried).toEqual(['"4"', '"5"']);
});

test('where there is nothing to roll back to, the preview says why and nothing can be done', async () => {
  mockApi(
    answers({
      ...signedIn('operate'),
      [`POST ${CHANNEL}/rollback`]: new Refusal({ status: 409, code: 'no_healthy_target' }),
    }),
  );
  renderAt('/modules/acme/topics');
  const { dialog } = await open('Roll back stable');
  expect(await within(dialog).findByText('no_healthy_target')).toBeTruthy();
  const act = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Roll back' });
  expect(act.disabled).toBe(true);
});

test('a new channel is made only where there is none of that name', async () => {
  const sent: unknown[] = [];
  mockApi(
    answers({
      ...signedIn('operate'),
      [`PUT ${CHANNEL}`]: (url: URL, body: unknown, headers: Headers) => {
        sent.push([url.pathname.split('/').at(-1), body, headers.get('If-Match')]);
        return { name: 'canary', version: '1.0.0', generation: 1 };
      },
    }),
  );
  renderAt('/modules/acme/topics');
  const { dialog } = await open('New channel');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Point' }));
  for (const words of [
    'Give it a name.',
    'Choose a release.',
    'Say why: it stays in the history.',
  ]) {
    expect(within(dialog).getByText(words)).toBeTruthy();
  }
  await write(/^Name/, 'canary');
  await write(/^Why/, 'Nightly');
  fireEvent.click(within(dialog).getByRole('combobox', { name: /^Release/ }));
  fireEvent.click(await screen.findByRole('option', { name: /^1\.0\.0/ }));
  fireEvent.click(within(dialog).getByRole('button', { name: 'Point at 1.0.0' }));
  expect(await screen.findByText('canary points at 1.0.0 now.')).toBeTruthy();
  expect(sent).toEqual([['canary', { version: '1.0.0', reason: 'Nightly' }, '"0"']]);
});

test('a channel that somebody else pointed meanwhile says who and why, and is pointed at the second try', async () => {
  const now: ChannelView = {
    ...STABLE,
    version: '1.0.0',
    generation: 5,
    last_move: move('stable', 5, { actor: 'ben', reason: 'A hotfix' }),
  };
  const tried: unknown[] = [];
  mockApi(
    answers({
      ...signedIn('operate'),
      [CHANNEL]: now,
      [`PUT ${CHANNEL}`]: (_: URL, __: unknown, headers: Headers) => {
        tried.push(headers.get('If-Match'));
        if (tried.length > 1) return { ...now, version: '1.1.0', generation: 6 };
        return new Refusal({ status: 412, code: 'precondition_failed' });
      },
    }),
  );
  renderAt('/modules/acme/topics');
  fireEvent.click(await button('Actions on 1.0.0'));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Point stable here…' }));
  const dialog = await screen.findByRole('dialog');
  await write(/^Why/, 'Back to what worked');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Point at 1.0.0' }));
  expect(await within(dialog).findByText('ben moved it: “A hotfix”')).toBeTruthy();
  fireEvent.click(within(dialog).getByRole('button', { name: 'Point at 1.0.0' }));
  expect(await screen.findByText('stable points at 1.1.0 now.')).toBeTruthy();
  expect(tried).toEqual(['"4"', '"5"']);
});

test('a quarantine tells which channels will move, and wants its name typed', async () => {
  const sent: unknown[] = [];
  const done: ReleaseView = {
    ...release('1.1.0', { state: 'quarantined' }),
    id: '0197b2c4-0000-7000-8000-000000000000',
    module: 'acme/topics',
    kind: 'adapter',
    manifest: { module: { name: 'acme/topics', kind: 'adapter', version: '1.1.0' } },
    findings: [],
    created_at: '2026-07-02T09:00:00Z',
  };
  mockApi(
    answers({
      ...signedIn('operate', 'review'),
      [`POST ${CHANNEL}/rollback`]: () => PLAN,
      [`POST ${AT}/releases/{version}/quarantine`]: (_: URL, body: unknown) => {
        sent.push(body);
        return sent.length > 1 ? done : new Refusal({ status: 409, code: 'state_conflict' });
      },
    }),
  );
  renderAt('/modules/acme/topics');
  fireEvent.click(await button('Actions on 1.1.0'));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Quarantine…' }));
  const dialog = await screen.findByRole('dialog');
  const fates = await within(dialog).findByRole('region', { name: 'Channels that will move' });
  await waitFor(() => {
    expect(fates.textContent).toContain('1.0.0');
  });
  await write(/^Why/, 'Bad');
  await write(/instead/, 'acme/topics@1.0.0');
  const act = within(dialog).getByRole('button', { name: 'Quarantine 1.1.0' });
  fireEvent.click(act);
  expect(sent).toEqual([]);
  await write(/to confirm/, 'topics@1.1.0');
  fireEvent.click(act);
  expect(await within(dialog).findByText('state_conflict')).toBeTruthy();
  fireEvent.click(act);
  expect(await screen.findByText('topics@1.1.0 was quarantined.')).toBeTruthy();
  expect(sent[1]).toEqual({ reason: 'Bad', replacement: 'acme/topics@1.0.0' });
});
