// A word at the edge of the page, for what happened just now; it goes by itself.

import { notifications } from '@mantine/notifications';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Tone } from '@/ui/Badge';
import classes from './tell.module.css';

export interface News {
  /** The same again replaces what was told before. */
  readonly id: string;
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly title?: string;
  readonly message: ReactNode;
}

export function tell({ id, tone, icon: Icon, title, message }: News): void {
  notifications.hide(id);
  notifications.show({
    id,
    ...(title && { title }),
    message,
    icon: <Icon size={16} aria-hidden />,
    // Politely: nobody is interrupted.
    role: 'status',
    withBorder: true,
    'data-tone': tone,
    classNames: {
      root: classes.root ?? '',
      icon: classes.icon ?? '',
      description: classes.message ?? '',
    },
    closeButtonProps: { 'aria-label': 'Close' },
  });
}
