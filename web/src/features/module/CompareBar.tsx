// Leads to the comparison of the two releases that were chosen.

import { Link } from '@tanstack/react-router';
import { GitCompareArrows } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import type { ReleaseSummary } from '@/api/types';
import classes from './CompareBar.module.css';
import { sidesOf } from './pair';

export interface CompareBarProps {
  readonly module: ModulePath;
  readonly releases: readonly ReleaseSummary[];
  readonly chosen: readonly string[];
}

export function CompareBar({ module, releases, chosen }: CompareBarProps) {
  const versions = releases.map(({ version }) => version);
  const sides = sidesOf(versions, chosen);
  return (
    <div className={classes.bar} role="status">
      <GitCompareArrows size={15} aria-hidden />
      {sides ? (
        <Link to="/modules/$namespace/$name/compare" params={module} search={sides}>
          Compare {sides.from} with {sides.to}
        </Link>
      ) : (
        <span>{chosen.length === 1 ? 'Choose one more to compare' : 'Choose two to compare'}</span>
      )}
    </div>
  );
}
