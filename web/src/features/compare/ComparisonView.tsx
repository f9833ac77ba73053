// Two releases side by side: what differs, or everything.

import { Switch } from '@mantine/core';
import type { Comparison } from '@/api/types';
import classes from './ComparisonView.module.css';
import { ContractPart } from './ContractPart';
import { FilesPart } from './FilesPart';
import { FindingsPart } from './FindingsPart';
import { InterfacePart } from './InterfacePart';
import { ManifestPart } from './ManifestPart';
import { RunParts } from './RunParts';
import { ChangeSign } from './ChangeSign';

export interface ComparisonViewProps {
  /** The module's full name. */
  readonly module: string;
  readonly comparison: Comparison;
  /** What is the same too. */
  readonly all: boolean;
  readonly onAll: (all: boolean) => void;
  /** While another comparison is on its way. */
  readonly stale: boolean;
}

export function ComparisonView({ module, comparison, all, onAll, stale }: ComparisonViewProps) {
  const titles = { from: comparison.from.version, to: comparison.to.version };
  return (
    <>
      <div className={classes.bar}>
        <ul className={classes.legend} aria-label="Signs">
          <li>
            <ChangeSign change="added" silent /> only in {titles.to}
          </li>
          <li>
            <ChangeSign change="removed" silent /> only in {titles.from}
          </li>
          <li>
            <ChangeSign change="changed" silent /> differs
          </li>
        </ul>
        <Switch
          size="sm"
          label="Show what is the same too"
          checked={all}
          onChange={(event) => {
            onAll(event.currentTarget.checked);
          }}
        />
      </div>
      <div className={classes.parts} data-stale={stale || undefined} aria-busy={stale}>
        <ManifestPart changes={comparison.manifest} titles={titles} />
        <InterfacePart change={comparison.interface} titles={titles} all={all} />
        <ContractPart contract={comparison.contract} all={all} />
        <FilesPart files={comparison.files} titles={titles} all={all} />
        <FindingsPart change={comparison.findings} all={all} />
        <RunParts runs={comparison.runs} module={module} titles={titles} all={all} />
      </div>
    </>
  );
}
