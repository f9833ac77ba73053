// The answer to a comparison, or why there is none.

import { useQuery } from '@tanstack/react-query';
import { Equal } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import { fromThrown } from '@/api/problem';
import { comparisonQuery, type Sides } from '@/queries/modules';
import { Outdated } from '@/features/shell/Outdated';
import { Message } from '@/ui/Message';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { Section } from '@/ui/Section';
import { Waiting } from '@/ui/Waiting';
import { ComparisonView } from './ComparisonView';

export interface ComparedProps {
  readonly module: ModulePath;
  readonly sides: Sides;
  readonly all: boolean;
  readonly onAll: (all: boolean) => void;
}

export function Compared({ module, sides, all, onAll }: ComparedProps) {
  const query = useQuery(comparisonQuery(module, sides));
  if (query.data) {
    const { from, to } = query.data;
    return (
      <>
        <Outdated query={query} />
        {from.version === to.version && (
          <Section title="Comparison">
            <Message icon={Equal} title="Both sides are the same release">
              <p>Choose another one to see what differs.</p>
            </Message>
          </Section>
        )}
        {from.version !== to.version && (
          <ComparisonView
            module={`${module.namespace}/${module.name}`}
            comparison={query.data}
            all={all}
            onAll={onAll}
            stale={query.isPlaceholderData}
          />
        )}
      </>
    );
  }
  const again = () => {
    void query.refetch();
  };
  return (
    <Section title="Comparison">
      {query.error ? (
        <ProblemPanel problem={fromThrown(query.error).body} onRetry={again} />
      ) : (
        <Waiting lines={10} />
      )}
    </Section>
  );
}
