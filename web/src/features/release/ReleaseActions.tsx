// What somebody may do with the release that they look at.

import { useQuery } from '@tanstack/react-query';
import type { ReleaseView } from '@/api/types';
import type { Ask } from '@/features/actions/useActions';
import { ReleaseMenu } from '@/features/module/ReleaseMenu';
import { useMay } from '@/queries/identity';
import { channelsQuery } from '@/queries/modules';
import type { ReleasePath } from '@/queries/releases';

export interface ReleaseActionsProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
  readonly onAsk: Ask;
}

/** Nothing, for who may do nothing. */
export function ReleaseActions({ path: { namespace, name }, release, onAsk }: ReleaseActionsProps) {
  const channels = useQuery(channelsQuery({ namespace, name })).data ?? [];
  const may = { operate: useMay('operate', namespace), review: useMay('review', namespace) };
  return <ReleaseMenu release={release} channels={channels} may={may} onAsk={onAsk} worded />;
}
