// Where else a module can be looked at.

import { Link } from '@tanstack/react-router';
import { GitCompareArrows, GitFork, Grid3x3 } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import type { Kind } from '@/api/types';
import { PathLink } from '@/features/shell/PathLink';
import classes from './ModuleViews.module.css';

export interface ModuleViewsProps {
  readonly module: ModulePath;
  readonly kind: Kind;
  /** The release whose lineage is of most interest; none when there is no release. */
  readonly latest: string | undefined;
}

export function ModuleViews({ module, kind, latest }: ModuleViewsProps) {
  const { namespace, name } = module;
  return (
    <nav aria-label="Views of the module" className={classes.views}>
      {kind === 'backbone' && (
        <PathLink path={`/modules/${namespace}/${name}/matrix`}>
          <Grid3x3 size={15} aria-hidden /> Matrix
        </PathLink>
      )}
      {latest !== undefined && (
        <>
          <PathLink path={`/lineage?of=${encodeURIComponent(`${namespace}/${name}@${latest}`)}`}>
            <GitFork size={15} aria-hidden /> Lineage
          </PathLink>
          <Link to="/modules/$namespace/$name/compare" params={module}>
            <GitCompareArrows size={15} aria-hidden /> Compare
          </Link>
        </>
      )}
    </nav>
  );
}
