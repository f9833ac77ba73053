import { expect, test } from 'vitest';
import type { EventView } from '@/api/types';
import { auditQuery } from './audit';
import { draftQuery, draftSmokeRunQuery, draftsQuery } from './drafts';
import { identityQuery } from './identity';
import { graphQuery } from './lineage';
import { gridQuery, pairQuery } from './matrix';
import {
  cadenceQuery,
  channelsQuery,
  comparisonQuery,
  dependentsQuery,
  facetsQuery,
  modulesQuery,
  moduleQuery,
  movesQuery,
  releasesQuery,
} from './modules';
import { overviewQuery } from './overview';
import { lineageQuery, releaseQuery, smokeRunQuery } from './releases';
import { smokeRunByIdQuery } from './smokeRuns';
import { isTouched } from './stale';
import { tokensQuery } from './tokens';

function event(kind: string, module: string, data: object = {}) {
  return { kind, module, data } as Pick<EventView, 'kind' | 'module' | 'data'>;
}

const TOPICS = { namespace: 'acme', name: 'topics' };
const BERT = { namespace: 'acme', name: 'tiny-bert' };
const OTHER = { namespace: 'acme', name: 'other' };
const RELEASE = { ...TOPICS, revision: '1.1.0' };

const EVENTS = {
  submitted: event('release.submitted', 'acme/topics', { id: 'draft' }),
  verifying: event('release.verifying', 'acme/topics', { id: 'draft', stage: 'structure' }),
  running: event('release.verifying', 'acme/topics', { id: 'draft', smoke_run: 'run' }),
  published: event('release.published', 'acme/topics', { id: 'draft' }),
  rejected: event('release.rejected', 'acme/topics', { id: 'draft' }),
  yanked: event('release.yanked', 'acme/topics', { reason: 'slow' }),
  judged: event('pair.judged', 'acme/topics', { base: 'acme/tiny-bert@2.0.0' }),
  moved: event('channel.moved', 'acme/topics', { channel: 'stable' }),
  created: event('module.created', 'acme/topics'),
};

const ALL = Object.keys(EVENTS);
const OF_RELEASES = ['submitted', 'verifying', 'running', 'published', 'rejected', 'yanked'];
const LISTED = ['submitted', 'published', 'rejected', 'yanked', 'created'];

/** What makes it old, of all that happens to topics, which attaches to the backbone tiny-bert. */
const KEYS: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  ['the overview', overviewQuery().queryKey, ALL],
  ['the list of modules', modulesQuery({ query: 'to' }).queryKey, LISTED],
  ['its counts', facetsQuery({}).queryKey, LISTED],
  ['the module', moduleQuery(TOPICS).queryKey, ALL],
  ['its releases', releasesQuery(TOPICS).queryKey, ALL],
  ['its channels', channelsQuery({ namespace: 'Acme', name: 'Topics' }).queryKey, ALL],
  ['a comparison of it', comparisonQuery(TOPICS, { from: '1', to: '2' }).queryKey, ALL],
  ['a release of it', releaseQuery(RELEASE).queryKey, ALL],
  ['the run of a release', smokeRunQuery(RELEASE).queryKey, ALL],
  ['its backbone', moduleQuery(BERT).queryKey, ['judged']],
  ['the grid of its backbone', gridQuery(BERT).queryKey, ['judged', 'yanked']],
  ['what attaches to its backbone', dependentsQuery(BERT).queryKey, ['judged', 'yanked']],
  ['another module', releasesQuery(OTHER).queryKey, []],
  ['how often another is released', cadenceQuery(OTHER).queryKey, []],
  ['the channels of another', channelsQuery(OTHER).queryKey, []],
  ['the moves of a channel that is called grid', movesQuery(OTHER, 'grid').queryKey, []],
  ['a release of another', releaseQuery({ ...OTHER, revision: '1.0.0' }).queryKey, []],
  ['the grid of another', gridQuery(OTHER, { query: 'to' }).queryKey, ['yanked']],
  [
    'the lineage of a release of another',
    lineageQuery({ ...OTHER, revision: '1.0.0' }).queryKey,
    ['published', 'yanked'],
  ],
  [
    'a lineage',
    graphQuery({ of: 'acme/other@1.0.0', depth: 2, direction: 'both' }).queryKey,
    ['published', 'yanked'],
  ],
  ['a pair of it', pairOf('acme/topics@1.1.0', 'acme/tiny-bert@2.0.0'), ALL],
  ['a pair of its backbone', pairOf('acme/other@1.0.0', 'acme/Tiny-bert@1.0.0'), ['judged']],
  ['a pair of others', pairOf('acme/other@1.0.0', 'acme/base@1.0.0'), []],
  ['the drafts', draftsQuery().queryKey, OF_RELEASES],
  ['the draft', draftQuery('draft').queryKey, OF_RELEASES],
  ['its run', draftSmokeRunQuery('draft').queryKey, OF_RELEASES],
  ['another draft', draftQuery('other').queryKey, ['yanked']],
  ['the run', smokeRunByIdQuery('run').queryKey, ['running', 'published', 'rejected', 'judged']],
  ['another run', smokeRunByIdQuery('other').queryKey, ['published', 'rejected', 'judged']],
  ['who one is', identityQuery().queryKey, []],
  ["one's tokens", tokensQuery().queryKey, []],
  ['the audit log', auditQuery({}).queryKey, []],
  ['what nobody thought of', ['unheard-of', TOPICS], []],
];

function pairOf(dependent: string, base: string) {
  return pairQuery({ dependent, base }).queryKey;
}

test.each(KEYS)('%s is asked for again after what may have changed it', (_, key, kinds) => {
  const touching = Object.entries(EVENTS).filter(([, happened]) => isTouched(key, happened));
  expect(touching.map(([kind]) => kind).sort()).toEqual([...kinds].sort());
});
