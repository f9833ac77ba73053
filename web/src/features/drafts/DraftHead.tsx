// The head of a draft's page.

import { Link } from '@tanstack/react-router';
import type { DraftView } from '@/api/types';
import { PageHead } from '@/features/shell/PageHead';
import { ModuleLink } from '@/features/shell/ReferenceLink';
import { Ago } from '@/ui/Ago';
import { KindBadge, StateBadge } from '@/ui/badges';
import { CopyDigest } from '@/ui/CopyDigest';
import { Stats } from '@/ui/Stats';

export function DraftHead({ draft }: { readonly draft: DraftView }) {
  const { module, version, manifest, created_at, created_by, submitted_at, digest } = draft;
  const requires = manifest.requires ?? [];
  return (
    <PageHead
      title={`${module.replace(/^.*\//, '')} ${version}`}
      trail={[
        <Link key="drafts" to="/drafts">
          Drafts
        </Link>,
        <ModuleLink key="module" module={module} />,
      ]}
      badges={
        <>
          <StateBadge state={draft.state} />
          <KindBadge kind={draft.kind} />
        </>
      }
    >
      {manifest.module.description && <p>{manifest.module.description}</p>}
      <div style={{ marginTop: '0.9rem', color: 'var(--text)' }}>
        <Stats
          figures={[
            [
              'Drafted',
              <>
                <Ago at={created_at} /> by {created_by}
              </>,
            ],
            ['Submitted', submitted_at ? <Ago at={submitted_at} /> : 'not yet'],
            ['Digest', <CopyDigest key="digest" digest={digest} />],
            [
              'Attaches to',
              requires.length === 0
                ? 'nothing'
                : requires.map(({ module: name, version: range }) => (
                    <div key={name}>
                      <ModuleLink module={name} /> <code>{range}</code>
                    </div>
                  )),
            ],
          ]}
        />
      </div>
    </PageHead>
  );
}
