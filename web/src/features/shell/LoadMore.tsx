// Asks for the next page of a list, by a press or ahead of who scrolls, and says when that failed.

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
  /** Asks by itself when the end of the list comes near the window. */
  readonly ahead?: boolean;
}

export function LoadMore({ query, ahead = false }: LoadMoreProps) {
  const more = () => {
    query.fetchNextPage();
  };
  if (query.isFetchNextPageError) {
    return <ProblemPanel problem={fromThrown(query.error).body} onRetry={more} />;
  }
  if (!query.hasNextPage) return null;
  return (
    <div
      className={classes.more}
      ref={ahead && !query.isFetchingNextPage ? whenNear(more) : undefined}
    >
      <Button variant="default" size="xs" loading={query.isFetchingNextPage} onClick={more}>
        Load more
      </Button>
    </div>
  );
}

/** How near the end of the list is when the next page is asked for. */
const NEAR = '800px';

/** For an element's ref: asks as soon as it comes near the window. */
function whenNear(ask: () => void) {
  return (element: Element | null) => {
    if (!element || !('IntersectionObserver' in window)) return undefined;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) ask();
      },
      { rootMargin: NEAR },
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  };
}
