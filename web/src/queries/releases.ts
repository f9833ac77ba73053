// One release, and what is known of it.

import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, bodyOrNull } from '@/api/client';
import { pace } from './events';
import { followed } from './followed';
import { isUnderWay } from './underWay';

export interface ReleasePath {
  readonly namespace: string;
  readonly name: string;
  /** A version, or the name of a channel. */
  readonly revision: string;
}

const AT = '/api/v1/modules/{namespace}/{name}/releases/{revision}';

export function releaseQuery(path: ReleasePath) {
  return queryOptions({
    queryKey: ['release', path],
    queryFn: ({ signal, client, queryKey }) =>
      followed(client, queryKey, bodyOf(api.GET(AT, { params: { path }, signal }))),
    // Somebody watches it being verified. What was refused is not there any more.
    refetchInterval: ({ state: { data, error } }) =>
      data?.state === 'verifying' && !error ? pace() : false,
  });
}

export function filesQuery(path: ReleasePath) {
  return queryOptions({
    queryKey: ['release', path, 'files'],
    queryFn: ({ signal }) => bodyOf(api.GET(`${AT}/files`, { params: { path }, signal })),
  });
}

export function interfaceQuery(path: ReleasePath) {
  return queryOptions({
    queryKey: ['release', path, 'interface'],
    queryFn: ({ signal }) => bodyOrNull(api.GET(`${AT}/interface`, { params: { path }, signal })),
  });
}

export function smokeRunQuery(path: ReleasePath) {
  return queryOptions({
    queryKey: ['release', path, 'smoke-run'],
    queryFn: ({ signal }) => bodyOrNull(api.GET(`${AT}/smoke-run`, { params: { path }, signal })),
    refetchInterval: (query) => (isUnderWay(query.state.data) ? pace() : false),
  });
}

export function lineageQuery(path: ReleasePath) {
  return queryOptions({
    queryKey: ['release', path, 'lineage'],
    queryFn: ({ signal }) =>
      bodyOf(api.GET(`${AT}/lineage`, { params: { path, query: { depth: 4 } }, signal })),
  });
}
