// The part of a page that an answer fills: on its way, refused, or there, if perhaps not the latest.

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fromThrown } from '@/api/problem';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { Waiting } from '@/ui/Waiting';
import { Outdated } from './Outdated';

export interface LoadedProps<T> {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'> & {
    readonly isFetchNextPageError?: boolean;
  };
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

export function Loaded<T>({ query, lines, children }: LoadedProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        <Outdated query={query} />
        {children(query.data)}
      </>
    );
  }
  if (!query.error) return <Waiting {...(lines && { lines })} />;
  const again = () => {
    void query.refetch();
  };
  return <ProblemPanel problem={fromThrown(query.error).body} onRetry={again} />;
}
