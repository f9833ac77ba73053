// Values of the manifest that differ.

import type { ValueChange } from '@/api/types';
import { Section } from '@/ui/Section';
import { pointerName, tally, valueText } from './differ';
import { Same } from './Same';
import { SideBySide, type Titles } from './SideBySide';

export interface ManifestPartProps {
  readonly changes: readonly ValueChange[];
  readonly titles: Titles;
}

export function ManifestPart({ changes, titles }: ManifestPartProps) {
  return (
    <Section title="Manifest" aside={tally(changes.map(({ change }) => change))}>
      {changes.length === 0 ? (
        <Same>But for the version, both manifests say the same.</Same>
      ) : (
        <SideBySide
          label="Values of the manifest"
          what="Value"
          titles={titles}
          rows={changes.map(({ path, change, before, after }) => ({
            key: path,
            change,
            name: pointerName(path),
            before: change === 'added' ? null : valueText(before),
            after: change === 'removed' ? null : valueText(after),
          }))}
        />
      )}
    </Section>
  );
}
