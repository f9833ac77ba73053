// A line to copy whole: a command, a token; or several, one after the other.

import { CopyButton } from './CopyButton';
import classes from './CopyLine.module.css';

export interface CopyLineProps {
  readonly text: string;
  /** What is copied, for who hears it: `Copy the command`. */
  readonly label: string;
}

export function CopyLine({ text, label }: CopyLineProps) {
  const lines = text.split('\n');
  return (
    <div className={classes.line}>
      <code>
        {lines.length === 1
          ? text
          : lines.map((line, at) => (
              <span key={at} className={classes.one}>
                {line}
              </span>
            ))}
      </code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
