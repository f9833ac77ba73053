// How to use a release from the command line. Pure.

import type { ReleaseView } from '@/api/types';

export interface Use {
  readonly title: string;
  readonly command: string;
}

/** States in which it can be had at all. */
const GIVEN = new Set<ReleaseView['state']>(['published', 'deprecated', 'yanked']);

/** Whether everybody who may see the release may have its bytes. */
export function isGiven(state: ReleaseView['state']): boolean {
  return GIVEN.has(state);
}

/**
 * Most needed first. `homes` are the releases that it was proven on, by module: what it runs with.
 */
export function usesOf(release: ReleaseView, homes: ReadonlyMap<string, string>): Use[] {
  const reference = `${release.module}@${release.version}`;
  const bases = (release.manifest.requires ?? [])
    .map(({ module }) => homes.get(module))
    .filter((home) => home !== undefined);
  const uses: Use[] = [];
  if (isGiven(release.state)) {
    uses.push({
      title: 'Download it, each file checked against its digest',
      command: `cambium download ${reference}`,
    });
  }
  if (isGiven(release.state) && bases.length > 0) {
    uses.push({
      title: 'Ask whether it may be deployed with what it was made for',
      command: `cambium can-i-deploy ${[...bases, reference].join(' ')}`,
    });
  }
  if (release.kind === 'backbone') {
    uses.push({
      title: 'See what hangs on it, release by release',
      command: `cambium matrix ${release.module}`,
    });
  }
  uses.push({ title: 'Show it in full', command: `cambium show ${reference}` });
  return uses;
}
