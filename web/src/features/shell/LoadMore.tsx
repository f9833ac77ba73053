// Asks for the next page of a list, and says when that failed.

import { Button } from '@mantine/core';
import { fromThrown } from '@/api/problem';
import { ProblemPanel } from '@/ui/ProblemPanel';
import classes from './LoadMore.module.css';

export interface LoadMoreProps {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly isFetchNextPageError: boolean;
    readonly error: Error | null;
    readonly fetchNextPage: () => unknown;
  };
}

export function LoadMore({ query }: LoadMoreProps) {
  const more = () => {
    query.fetchNextPage();
  };
  if (query.isFetchNextPageError) {
    return <ProblemPanel problem={fromThrown(query.error).body} onRetry={more} />;
  }
  if (!query.hasNextPage) return null;
  return (
    <div className={classes.more}>
      <Button variant="default" size="xs" loading={query.isFetchingNextPage} onClick={more}>
        Load more
      </Button>
    </div>
  );
}
