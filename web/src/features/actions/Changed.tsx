// Something changed while somebody looked at it: what, and that they have to look again.

import { RefreshCw } from 'lucide-react';
import classes from './Changed.module.css';

export function Changed({ changes }: { readonly changes: readonly string[] }) {
  return (
    <div role="status" className={classes.place}>
      {changes.length > 0 && (
        <div className={classes.changed}>
          <RefreshCw size={16} aria-hidden />
          <div>
            <strong>It has changed since you looked. Nothing was done.</strong>
            <ul>
              {changes.map((change) => (
                <li key={change}>{change}</li>
              ))}
            </ul>
          </div>
        </div>
      )}
    </div>
  );
}
