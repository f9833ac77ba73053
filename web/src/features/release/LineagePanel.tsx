// Where a release comes from, and what hangs on it.

import { useQuery } from '@tanstack/react-query';
import { Boxes, Database, GitBranch, Globe } from 'lucide-react';
import type { Node } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { PathLink } from '@/features/shell/PathLink';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { lineageQuery, type ReleasePath } from '@/queries/releases';
import { StateBadge } from '@/ui/badges';
import { words } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './LineagePanel.module.css';
import { type Relative, relativesOf } from './lineage';

export interface LineagePanelProps {
  readonly path: ReleasePath;
  /** `namespace/name@version`. */
  readonly reference: string;
}

export function LineagePanel({ path, reference }: LineagePanelProps) {
  const query = useQuery(lineageQuery(path));
  const whole = `/lineage?of=${encodeURIComponent(reference)}`;
  return (
    <Section
      title="Lineage"
      aside={
        <>
          {query.data?.truncated && 'The nearest part. '}
          <PathLink path={whole}>As a graph</PathLink>
        </>
      }
    >
      <Loaded query={query} lines={3}>
        {(graph) => {
          const { upstream, downstream } = relativesOf(graph);
          if (upstream.length + downstream.length === 0) {
            return (
              <Message icon={GitBranch} title="It stands alone">
                <p>Its manifest names no base model, parents, data sets or requirements.</p>
              </Message>
            );
          }
          return (
            <>
              <Direction title="Made from" relatives={upstream} />
              <Direction title="Used by" relatives={downstream} />
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

interface DirectionProps {
  readonly title: string;
  readonly relatives: readonly Relative[];
}

function Direction({ title, relatives }: DirectionProps) {
  if (relatives.length === 0) return null;
  return (
    <div className={classes.direction}>
      <h3>{title}</h3>
      <ul>
        {relatives.map(({ node, relation, depth }) => (
          <li key={node.key} style={{ paddingInlineStart: `${(depth - 1) * 0.9}rem` }}>
            <NodeName node={node} />
            <span className={classes.relation}>
              {words(relation).toLowerCase()}
              {depth > 1 && `, ${depth} steps away`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function NodeName({ node }: { readonly node: Node }) {
  switch (node.kind) {
    case 'release':
      return (
        <span className={classes.node}>
          <Boxes size={14} aria-hidden />
          <ReferenceLink reference={node.reference} />
          {node.state !== 'published' && <StateBadge state={node.state} />}
        </span>
      );
    case 'model':
      return (
        <span className={classes.node}>
          <Globe size={14} aria-hidden />
          {node.name}
        </span>
      );
    case 'dataset':
      return (
        <span className={classes.node}>
          <Database size={14} aria-hidden />
          {node.name}
        </span>
      );
  }
}
