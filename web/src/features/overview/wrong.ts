// What is wrong, in the order in which it matters. Pure.

import type { BrokenPair, Health, Overview } from '@/api/types';
import { plural } from '@/ui/format';

/** The most lines that the server sends of a list of what is wrong, and of what is under way. */
const SENT_AT_MOST = 10;
export const UNDER_WAY_AT_MOST = 20;

export interface Figure {
  readonly title: string;
  /** `3`, or `10+` where there may be more than were sent. */
  readonly count: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'info' | 'plain';
  /** The part of the page that tells more; none where there is nothing to tell. */
  readonly part?: string;
}

/** The figures at the top: what is wrong first, then what is under way. */
export function figuresOf(overview: Overview): Figure[] {
  const { broken, quarantined, refused, under_way } = overview;
  const figure = (
    title: string,
    items: readonly unknown[],
    tone: Figure['tone'],
    part: string,
    limit?: number,
  ) => ({
    title,
    count: counted(items.length, limit),
    tone: items.length > 0 ? tone : ('plain' as const),
    ...(items.length > 0 && { part }),
  });
  return [
    figure('Broken pairs', broken, 'bad', 'broken'),
    figure('In quarantine', quarantined, 'bad', 'quarantined'),
    figure('Refused', refused, 'warn', 'refused'),
    figure('Under way', under_way, 'info', 'under-way', UNDER_WAY_AT_MOST),
  ];
}

export function counted(length: number, limit = SENT_AT_MOST): string {
  return length < limit ? String(length) : `${limit}+`;
}

export function isCalm({ broken, quarantined, refused, health }: Overview): boolean {
  return [broken, quarantined, refused].every((list) => list.length === 0) && !troubleOf(health);
}

/** Nothing was ever published or tried, as far as one may see. */
export function isEmpty({ modules, releases, under_way, refused }: Overview): boolean {
  const none = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).every((count) => count === 0);
  return none(modules) && none(releases) && under_way.length === 0 && refused.length === 0;
}

export interface Base {
  readonly base: string;
  readonly pairs: readonly BrokenPair[];
}

/** What a new backbone broke belongs together; the latest breach first. */
export function byBase(pairs: readonly BrokenPair[]): Base[] {
  const bases = new Map<string, BrokenPair[]>();
  for (const pair of pairs) bases.set(pair.base, [...(bases.get(pair.base) ?? []), pair]);
  return [...bases].map(([base, of]) => ({ base, pairs: of }));
}

export interface Trouble {
  readonly title: string;
  readonly text: string;
  readonly remedy: string;
}

/** Why nothing, or not everything, is verified at present; null when all is well. */
export function troubleOf(health: Health): Trouble | null {
  const { status, waiting, failing, workers } = health;
  if (status === 'no_worker') {
    return {
      title: 'No worker is alive',
      text: `${plural(waiting, 'job')} ${waiting === 1 ? 'waits' : 'wait'}: nothing is verified or proven.`,
      remedy: 'Start one: `cambium worker`, or `cambium serve`, which has one of its own.',
    };
  }
  if (status === 'impaired') {
    const problem = workers.find((worker) => worker.problem)?.problem;
    return {
      title: 'A worker cannot run modules',
      text: problem ?? 'It does not say why.',
      remedy: 'Mend it on the machine of the worker, then start the worker again.',
    };
  }
  if (failing > 0) {
    return {
      title: `${plural(failing, 'job')} failed for a reason of the service`,
      text: 'They are tried again by themselves.',
      remedy: 'The log of the worker says why.',
    };
  }
  return null;
}
