// A command to copy into a terminal, or several to run one after the other.

import classes from './Command.module.css';
import { CopyLine } from './CopyLine';

export interface CommandProps {
  readonly lines: string | readonly string[];
  /** What it is for. */
  readonly title?: string;
}

export function Command({ lines, title }: CommandProps) {
  const text = typeof lines === 'string' ? lines : lines.join('\n');
  const several = text.includes('\n');
  return (
    <div className={classes.command}>
      {title && <p className={classes.title}>{title}</p>}
      <CopyLine text={text} label={several ? 'Copy the commands' : `Copy the command ${text}`} />
    </div>
  );
}
