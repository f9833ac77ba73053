// Where a release says that it comes from.

import { Sprout } from 'lucide-react';
import type { ReactNode } from 'react';
import { parseReference } from '@/api/reference';
import type { ReleaseView } from '@/api/types';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { Facts } from '@/ui/Facts';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { webAddress } from './links';
import classes from './ManifestPanel.module.css';

export function ProvenancePanel({ release }: { readonly release: ReleaseView }) {
  const { base_model, parents = [], datasets = [], code, run } = release.manifest.provenance ?? {};
  const silent = !base_model && parents.length + datasets.length === 0 && !code && !run;
  return (
    <Section title="Where it says it comes from">
      {silent ? (
        <Message icon={Sprout} title="It does not say">
          <p>
            Its manifest has no <code>[provenance]</code>. The next version can name a base model,
            parents, data sets, the code and the run.
          </p>
        </Message>
      ) : (
        <Facts
          lines={[
            ['Base model', base_model && <Source text={base_model} />],
            ['Parents', sources(parents)],
            ['Data sets', sources(datasets)],
            ['Code', code && <Source text={code} />],
            ['Run', run && <Source text={run} />],
          ]}
        />
      )}
    </Section>
  );
}

function sources(texts: readonly string[]): ReactNode {
  if (texts.length === 0) return null;
  return (
    <ul className={classes.list}>
      {texts.map((text) => (
        <li key={text}>
          <Source text={text} />
        </li>
      ))}
    </ul>
  );
}

/** A link where it leads somewhere: to a release, or out into the web. */
function Source({ text }: { readonly text: string }) {
  const address = webAddress(text);
  if (address) {
    return (
      <a href={address} rel="noreferrer">
        {text}
      </a>
    );
  }
  return parseReference(text) ? <ReferenceLink reference={text} /> : <>{text}</>;
}
