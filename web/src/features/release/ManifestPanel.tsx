// What a release says of itself.

import type { ReactNode } from 'react';
import type { Manifest } from '@/api/types';
import { ModuleLink, ReferenceLink } from '@/features/shell/ReferenceLink';
import { Facts } from '@/ui/Facts';
import { Section } from '@/ui/Section';
import classes from './ManifestPanel.module.css';

export function ManifestPanel({ manifest }: { readonly manifest: Manifest }) {
  const { module, provenance, requires = [] } = manifest;
  const labels = Object.entries(module.labels ?? {}).map(([key, value]) => `${key}: ${value}`);
  return (
    <Section title="Manifest">
      <Facts
        lines={[
          [
            'Requires',
            lines(
              requires.map((requirement) => (
                <>
                  <ModuleLink module={requirement.module} /> <code>{requirement.version}</code>
                </>
              )),
            ),
          ],
          ['License', module.license ?? 'not stated'],
          ['Tasks', module.tasks?.join(', ')],
          ['Labels', lines(labels)],
          ['Base model', provenance?.base_model],
          ['Data sets', lines(provenance?.datasets ?? [])],
          [
            'Parents',
            lines(
              (provenance?.parents ?? []).map((parent) => (
                <ReferenceLink key={parent} reference={parent} />
              )),
            ),
          ],
          ['Code', provenance?.code],
          ['Run', provenance?.run],
        ]}
      />
    </Section>
  );
}

/** One a line; nothing when there is none. */
function lines(items: readonly ReactNode[]): ReactNode {
  if (items.length === 0) return null;
  return (
    <ul className={classes.list}>
      {items.map((item, index) => (
        <li key={index}>{item}</li>
      ))}
    </ul>
  );
}
