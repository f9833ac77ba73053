// The part of a page that an answer fills: on its way, refused, or there.

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fromThrown } from '@/api/problem';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { Waiting } from '@/ui/Waiting';

export interface LoadedProps<T> {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

export function Loaded<T>({ query, lines, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (!query.error) return <Waiting {...(lines && { lines })} />;
  const again = () => {
    void query.refetch();
  };
  return <ProblemPanel problem={fromThrown(query.error).body} onRetry={again} />;
}
