// What somebody wants to do.

import type { ChannelView, ReleaseSummary } from '@/api/types';
import type { Standing } from '@/queries/actions';

export type Asked =
  /** A channel, or a new one; to a release, where that is chosen already. */
  | { readonly what: 'point'; readonly channel: ChannelView | null; readonly version?: string }
  | { readonly what: 'rollback'; readonly channel: ChannelView }
  | { readonly what: 'standing'; readonly standing: Standing; readonly release: ReleaseSummary };
