// Tells what happens to what one looks at.

import { useRouter } from '@tanstack/react-router';
import { tell } from '@/features/shell/tell';
import { useEvents } from '@/queries/events';
import { useIdentity } from '@/queries/identity';
import { sayEvent } from './eventWords';
import { isNews } from './news';
import { SaidLine } from './SaidLine';

export function useNews(): void {
  const router = useRouter();
  const actor = useIdentity()?.actor ?? null;
  useEvents('*', (event) => {
    if (!isNews(event, router.state.location.pathname, actor)) return;
    const said = sayEvent(event);
    tell({
      id: event.id,
      tone: said.tone,
      icon: said.icon,
      message: (
        <>
          <SaidLine said={said} />
          {said.reason && `: ${said.reason}`}
        </>
      ),
    });
  });
}
