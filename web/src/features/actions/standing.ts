// The standing of releases: what may be asked of which, and what it means. Pure.

import type { State } from '@/api/types';
import type { Standing } from '@/queries/actions';

interface Words {
  /** On the button. */
  readonly act: string;
  /** What comes of it. */
  readonly means: string;
  /** When it is done: `… was deprecated.` */
  readonly done: string;
  /** What to answer to *why*. */
  readonly why: string;
}

export const STANDINGS: Record<Standing, Words> = {
  deprecate: {
    act: 'Deprecate',
    means: 'It stays usable. Whoever uses it is told why, and what to use instead.',
    done: 'deprecated',
    why: 'Trained before the June mails',
  },
  yank: {
    act: 'Yank',
    means: 'Nothing new chooses it. What is locked to it still downloads.',
    done: 'yanked',
    why: 'Published with the wrong licence',
  },
  quarantine: {
    act: 'Quarantine',
    means: 'Nobody can download its bytes any more, and every channel leaves it at once.',
    done: 'quarantined',
    why: 'Answers nothing but `games` since the last retraining',
  },
  restore: {
    act: 'Restore',
    means: 'It is published again, and its pairs are judged anew. Channels stay where they are.',
    done: 'restored',
    why: 'It was the network, not the release',
  },
};

const ALLOWED: Partial<Record<State, readonly Standing[]>> = {
  published: ['deprecate', 'yank', 'quarantine'],
  deprecated: ['yank', 'quarantine', 'restore'],
  yanked: ['quarantine', 'restore'],
  quarantined: ['restore'],
};

/** What may be asked of a release in that state. */
export function standingsOf(state: State): readonly Standing[] {
  return ALLOWED[state] ?? [];
}

/** What somebody needs to be allowed for it. */
export function actionFor(standing: Standing): 'operate' | 'review' {
  return standing === 'deprecate' || standing === 'yank' ? 'operate' : 'review';
}

/** Whether channels may point at a release in that state. */
export function isHealthy(state: State): boolean {
  return state === 'published' || state === 'deprecated';
}
