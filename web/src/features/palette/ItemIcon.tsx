// What an item of the palette is, at a glance.

import { CornerDownRight, History, type LucideIcon, Tag, Zap } from 'lucide-react';
import { PLACES } from '@/features/shell/pages';
import { KINDS } from '@/api/types';
import { KindIcon } from '@/ui/badges';

const LOOKS: Partial<Record<string, LucideIcon>> = { recent: History, release: Tag, deed: Zap };

export function ItemIcon({ look }: { readonly look: string }) {
  const kind = KINDS.find((known) => known === look);
  if (kind) return <KindIcon kind={kind} />;
  const place = PLACES.find(({ path }) => path === look);
  const Icon = place?.icon ?? LOOKS[look] ?? CornerDownRight;
  return <Icon size={16} aria-hidden />;
}
