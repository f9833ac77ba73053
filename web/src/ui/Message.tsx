// What a page says instead of its content: nothing there, or not yet, or not at all.

import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './Message.module.css';

export interface MessageProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
}

export function Message({ icon: Icon, title, children }: MessageProps) {
  return (
    <div className={classes.message}>
      <Icon size={26} strokeWidth={1.5} aria-hidden className={classes.icon} />
      <p className={classes.title}>{title}</p>
      {children && <div className={classes.text}>{children}</div>}
    </div>
  );
}
