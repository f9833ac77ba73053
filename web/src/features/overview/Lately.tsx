// What happened, the latest first.

import { History } from 'lucide-react';
import type { EventView } from '@/api/types';
import { SaidLine } from '@/features/history/SaidLine';
import { Sign } from '@/features/history/Sign';
import { PathLink } from '@/features/shell/PathLink';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { lately } from './lately';
import { Line, Lines } from './Lines';

export function Lately({ events }: { readonly events: readonly EventView[] }) {
  return (
    <Section title="Lately" aside={<PathLink path="/activity">All activity</PathLink>}>
      {events.length === 0 ? (
        <Message icon={History} title="Nothing happened yet" />
      ) : (
        <Lines>
          {lately(events).map(({ id, at, actor, said }) => (
            <Line
              key={id}
              sign={<Sign tone={said.tone} icon={said.icon} />}
              title={<SaidLine said={said} />}
              text={[actor, said.reason].filter(Boolean).join(' · ')}
              at={at}
            />
          ))}
        </Lines>
      )}
    </Section>
  );
}
