// How to use a release, in commands to copy.

import { useQuery } from '@tanstack/react-query';
import type { ReleaseView } from '@/api/types';
import { lineageQuery, type ReleasePath } from '@/queries/releases';
import { Command } from '@/ui/Command';
import { Section } from '@/ui/Section';
import { usesOf } from './commands';
import { homesOf } from './lineage';
import classes from './UsePanel.module.css';

export interface UsePanelProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
}

export function UsePanel({ path, release }: UsePanelProps) {
  const graph = useQuery(lineageQuery(path)).data;
  const uses = usesOf(release, graph ? homesOf(graph) : new Map());
  return (
    <Section title="How to use it">
      <div className={classes.uses}>
        {uses.map(({ title, command }) => (
          <Command key={command} title={title} lines={command} />
        ))}
      </div>
    </Section>
  );
}
