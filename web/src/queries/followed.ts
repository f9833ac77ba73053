// A release that is watched on its way, and what is known of it besides.

import type { QueryClient } from '@tanstack/react-query';
import type { ReleaseView } from '@/api/types';

type OnItsWay = Pick<ReleaseView, 'state' | 'stage'>;

/**
 * The answer; where it went on since the last one, its files, its interface and its smoke run, whose
 * keys begin with its own, are asked for again.
 */
export async function followed<T extends OnItsWay>(
  client: QueryClient,
  queryKey: readonly unknown[],
  answer: Promise<T>,
): Promise<T> {
  const before = client.getQueryData<T>(queryKey);
  const now = await answer;
  if (before && (before.state !== now.state || before.stage !== now.stage)) {
    void client.invalidateQueries({
      queryKey,
      predicate: (query) => query.queryKey.length > queryKey.length,
    });
  }
  return now;
}
