// Said above what is shown when asking for it again was refused: it may be old.

import { connection } from '@/api/connection';
import { fromThrown } from '@/api/problem';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { useStored } from './useStored';

export interface OutdatedProps {
  readonly query: {
    readonly data: unknown;
    readonly error: Error | null;
    readonly refetch: () => Promise<unknown>;
    /** The end of a list says that for itself. */
    readonly isFetchNextPageError?: boolean;
  };
}

export function Outdated({ query }: OutdatedProps) {
  // That the server is gone is said once, on top of the page.
  const lost = useStored(connection) === 'lost';
  if (lost || !query.error || query.data === undefined || query.isFetchNextPageError) return null;
  const { body } = fromThrown(query.error);
  const again = () => {
    void query.refetch();
  };
  return (
    <ProblemPanel
      problem={{ ...body, title: 'This could not be brought up to date' }}
      onRetry={again}
    />
  );
}
