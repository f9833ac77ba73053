// In place of a release that was refused while somebody watched: it is none, but an attempt.

import { Link, Navigate } from '@tanstack/react-router';
import { FileX } from 'lucide-react';
import type { ReleaseView } from '@/api/types';
import { PageHead } from '@/features/shell/PageHead';
import { PageWaiting } from '@/features/shell/PageStates';
import { useIdentity } from '@/queries/identity';
import { may } from '@/queries/may';
import type { ReleasePath } from '@/queries/releases';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';

export interface RefusedProps {
  readonly path: ReleasePath;
  readonly release: ReleaseView;
}

export function Refused({ path: { namespace, name }, release }: RefusedProps) {
  const identity = useIdentity();
  if (!identity) return <PageWaiting />;
  if (may(identity, 'publish', namespace)) {
    return <Navigate to="/drafts/$id" params={{ id: release.id }} replace />;
  }
  return (
    <>
      <title>{`${release.module}@${release.version} · Cambium`}</title>
      <PageHead title={`${name} ${release.version}`} />
      <Section title="Not published">
        <Message icon={FileX} title="It was refused">
          <p>
            Why is told to those who may publish in {namespace}. What is published is with{' '}
            <Link to="/modules/$namespace/$name" params={{ namespace, name }}>
              {release.module}
            </Link>
            .
          </p>
        </Message>
      </Section>
    </>
  );
}
