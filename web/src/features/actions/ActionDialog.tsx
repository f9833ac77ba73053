// The dialog of whatever was asked for. In a part of its own: most visits need none.

import type { ModulePath } from '@/api/client';
import type { Asked } from './asked';
import { PointDialog } from './PointDialog';
import { RollbackDialog } from './RollbackDialog';
import { StandingDialog } from './StandingDialog';

export interface ActionDialogProps {
  readonly module: ModulePath;
  readonly asked: Asked;
  /** With what was done, in a sentence. */
  readonly onDone: (said: string) => void;
  readonly onClose: () => void;
}

export default function ActionDialog({ asked, ...others }: ActionDialogProps) {
  switch (asked.what) {
    case 'point':
      return <PointDialog {...others} channel={asked.channel} version={asked.version} />;
    case 'rollback':
      return <RollbackDialog {...others} channel={asked.channel} />;
    case 'standing':
      return <StandingDialog {...others} standing={asked.standing} release={asked.release} />;
  }
}
