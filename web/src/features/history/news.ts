// Which events are news to who looks at a page. Pure.

import type { EventView } from '@/api/types';
import { draftPath, modulePath } from '@/features/shell/paths';
import { word } from './said';

const WORTHY = [
  'channel.moved',
  'release.published',
  'release.rejected',
  'release.deprecated',
  'release.yanked',
  'release.quarantined',
  'release.restored',
];

/** What others, or the service, did to what the page is about; what one did oneself is known. */
export function isNews(event: EventView, pathname: string, actor: string | null): boolean {
  if (!WORTHY.includes(event.kind)) return false;
  if (event.actor && event.actor === actor) return false;
  const id = word(event.data, 'id');
  if (id !== null && pathname === draftPath(id)) return true;
  const about = modulePath(event.module).toLowerCase();
  const seen = pathname.toLowerCase();
  return seen === about || seen.startsWith(`${about}/`);
}
