// A command to copy into a terminal.

import classes from './Command.module.css';
import { CopyButton } from './CopyButton';

export interface CommandProps {
  /** One command, or several one after the other. */
  readonly lines: string | readonly string[];
  /** What it is for. */
  readonly title?: string;
}

export function Command({ lines, title }: CommandProps) {
  const all = typeof lines === 'string' ? [lines] : lines;
  const what = all.length === 1 ? `the command ${all[0] ?? ''}` : 'the commands';
  return (
    <div className={classes.command}>
      {title && <p className={classes.title}>{title}</p>}
      <div className={classes.box}>
        <code className={classes.lines}>
          {all.map((line) => (
            <span key={line} className={classes.line}>
              {line}
            </span>
          ))}
        </code>
        <CopyButton text={all.join('\n')} what={what} />
      </div>
    </div>
  );
}
