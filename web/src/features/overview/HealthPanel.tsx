// How the workers and their queue are.

import { CircleCheck, CircleX, LoaderCircle, type LucideIcon } from 'lucide-react';
import type { Health } from '@/api/types';
import { Ago } from '@/ui/Ago';
import { Badge, type Tone } from '@/ui/Badge';
import { Facts } from '@/ui/Facts';
import { formatCount, plural } from '@/ui/format';
import { Section } from '@/ui/Section';

const LOOKS: Record<Health['status'], readonly [string, Tone, LucideIcon]> = {
  idle: ['Idle', 'good', CircleCheck],
  working: ['Working', 'info', LoaderCircle],
  no_worker: ['No worker', 'bad', CircleX],
  impaired: ['Impaired', 'bad', CircleX],
};

export function HealthPanel({ health }: { readonly health: Health }) {
  const { status, running, waiting, failing, oldest_waiting, workers } = health;
  const [word, tone, icon] = LOOKS[status];
  return (
    <Section
      title="Workers"
      aside={
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
      }
    >
      <Facts
        lines={[
          ['Running', plural(running, 'job')],
          [
            'Waiting',
            <span key="waiting">
              {plural(waiting, 'job')}
              {oldest_waiting && (
                <>
                  , the oldest since <Ago at={oldest_waiting} />
                </>
              )}
            </span>,
          ],
          ['To try again', failing > 0 ? plural(failing, 'job') : null],
          ['Workers', workers.length === 0 ? 'none alive' : null],
          ...workers.map(
            (worker, index) =>
              [
                worker.name ?? `Worker ${index + 1}`,
                <span key={index}>
                  {formatCount(worker.at_once)} at once, seen <Ago at={worker.seen_at} />
                  {worker.problem && `: ${worker.problem}`}
                </span>,
              ] as const,
          ),
        ]}
      />
    </Section>
  );
}
