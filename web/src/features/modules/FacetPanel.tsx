// What the list can be narrowed to: beside it where there is room, else in a drawer.

import { Button, Drawer } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import type { UseQueryResult } from '@tanstack/react-query';
import { SlidersHorizontal } from 'lucide-react';
import type { FacetCount, Facets } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import type { ModuleFilter } from '@/queries/modules';
import { plural } from '@/ui/format';
import { FacetGroup } from './FacetGroup';
import classes from './FacetPanel.module.css';
import { chosenOf, type Facet, FACETS, narrowings, toggled } from './filter';

export interface FacetPanelProps {
  readonly query: UseQueryResult<Facets>;
  readonly filter: ModuleFilter;
  readonly onChange: (step: (filter: ModuleFilter) => ModuleFilter) => void;
}

/** Where there is no room beside the list. */
const NARROW = '(max-width: 62em)';

export function useNarrow(): boolean {
  return useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
}

export function FacetPanel(props: FacetPanelProps) {
  return (
    <aside className={classes.panel} aria-label="Filters">
      <Groups {...props} />
    </aside>
  );
}

export function FacetDrawer(props: FacetPanelProps) {
  const [opened, { open, close }] = useDisclosure(false);
  const count = narrowings(props.filter).length;
  const total = props.query.data?.total;
  return (
    <>
      <Button
        variant="default"
        leftSection={<SlidersHorizontal size={15} aria-hidden />}
        onClick={open}
      >
        Filters{count > 0 && ` (${count})`}
      </Button>
      <Drawer opened={opened} onClose={close} title="Filters" position="right" size="19rem">
        <Groups {...props} />
        <div className={classes.done}>
          <Button fullWidth onClick={close}>
            {total === undefined ? 'Show the modules' : `Show ${plural(total, 'module')}`}
          </Button>
        </div>
      </Drawer>
    </>
  );
}

function Groups({ query, filter, onChange }: FacetPanelProps) {
  return (
    <Loaded query={query} lines={8}>
      {(facets) => (
        <div className={classes.groups} data-stale={query.isPlaceholderData || undefined}>
          {FACETS.map((facet) => (
            <FacetGroup
              key={facet}
              facet={facet}
              counts={countsOf(facets, facet)}
              chosen={chosenOf(filter, facet)}
              onToggle={(value) => {
                onChange((before) => toggled(before, facet, value));
              }}
            />
          ))}
        </div>
      )}
    </Loaded>
  );
}

function countsOf(facets: Facets, facet: Facet): readonly FacetCount[] {
  switch (facet) {
    case 'kind':
      return facets.kinds;
    case 'namespace':
      return facets.namespaces;
    case 'task':
      return facets.tasks;
    case 'base':
      return facets.bases;
    case 'state':
      return facets.states;
  }
}
