// What a release says of itself: for reading, or as it was written.

import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Manifest } from '@/api/types';
import { ModuleLink } from '@/features/shell/ReferenceLink';
import { Choices } from '@/ui/Choices';
import { CopyButton } from '@/ui/CopyButton';
import { CopyDigest } from '@/ui/CopyDigest';
import { Facts } from '@/ui/Facts';
import { formatFigure, words } from '@/ui/format';
import { Section } from '@/ui/Section';
import classes from './ManifestPanel.module.css';
import { tomlOf } from './toml';
import type { Form } from './view';

export function ManifestPanel({ manifest }: { readonly manifest: Manifest }) {
  const form = useSearch({ strict: false, select: readForm });
  const navigate = useNavigate();
  return (
    <Section
      title="Manifest"
      aside={
        <Choices
          label="How the manifest is shown"
          value={form}
          choices={FORMS}
          onChange={(chosen) => {
            void navigate({
              to: '.',
              search: (before) => ({
                ...before,
                manifest: chosen === 'read' ? undefined : chosen,
              }),
              replace: true,
              resetScroll: false,
            });
          }}
        />
      }
    >
      {form === 'read' && <Readable manifest={manifest} />}
      {form === 'toml' && <Text text={tomlOf(manifest)} what="the manifest as TOML" />}
      {form === 'json' && (
        <Text text={JSON.stringify(manifest, null, 2)} what="the manifest as JSON" />
      )}
    </Section>
  );
}

const FORMS: readonly { readonly value: Form; readonly label: string }[] = [
  { value: 'read', label: 'To read' },
  { value: 'toml', label: 'TOML' },
  { value: 'json', label: 'JSON' },
];

function readForm(search: { readonly manifest?: Form | undefined }): Form {
  return search.manifest ?? 'read';
}

function Text({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div className={classes.text}>
      <div className={classes.copy}>
        <CopyButton text={text} label={`Copy ${what}`} />
      </div>
      <pre>{text}</pre>
    </div>
  );
}

function Readable({ manifest: { module, requires = [], smoke } }: { readonly manifest: Manifest }) {
  return (
    <Facts
      lines={[
        ['Module', <ModuleLink key="module" module={module.name} />],
        ['Version', module.version],
        ['Kind', words(module.kind)],
        ['Description', module.description],
        ['License', module.license ?? 'not stated'],
        ['Tasks', module.tasks?.join(', ')],
        [
          'Labels',
          linesOf(Object.entries(module.labels ?? {}).map(([key, value]) => `${key}: ${value}`)),
        ],
        [
          'Requires',
          linesOf(
            requires.map(({ module: name, version, home }) => (
              <>
                <ModuleLink module={name} /> <code>{version}</code>
                {home && (
                  <>
                    , made for <CopyDigest digest={home} />
                  </>
                )}
              </>
            )),
          ),
        ],
        ['Tolerance', smoke?.tolerance === undefined ? null : formatFigure(smoke.tolerance)],
      ]}
    />
  );
}

/** One a line; nothing when there is none. */
function linesOf(items: readonly ReactNode[]): ReactNode {
  if (items.length === 0) return null;
  return (
    <ul className={classes.list}>
      {items.map((item, index) => (
        <li key={index}>{item}</li>
      ))}
    </ul>
  );
}
