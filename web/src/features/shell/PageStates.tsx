// Pages that are not there: on their way, refused, unknown.

import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { MapPinOff } from 'lucide-react';
import { useEffect, useEffectEvent } from 'react';
import { connection } from '@/api/connection';
import { fromThrown, type Problem } from '@/api/problem';
import { SignedOut } from '@/features/session/SignedOut';
import { Message } from '@/ui/Message';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { Section } from '@/ui/Section';
import { Waiting } from '@/ui/Waiting';
import { NotThere } from './NotThere';
import { PageHead } from './PageHead';
import { useStored } from './useStored';

export function PageWaiting() {
  return <Waiting lines={9} />;
}

export function PageProblem({ error, reset }: ErrorComponentProps) {
  const problem = fromThrown(error);
  if (problem.status === 404) return <NotThere problem={problem} />;
  if (problem.status === 401) return <SignInFirst problem={problem} />;
  return <PageFailed problem={problem} reset={reset} />;
}

interface PageFailedProps {
  readonly problem: Problem;
  readonly reset: () => void;
}

function PageFailed({ problem, reset }: PageFailedProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  const reached = useStored(connection);
  const retry = useEffectEvent(again);
  useEffect(() => {
    // What could not be had while the server was gone can be had again.
    if (reached === 'back' && problem.code === 'server_unreachable') retry();
  }, [reached, problem.code]);
  return (
    <>
      <title>{`${problem.body.title} · Cambium`}</title>
      <PageHead title="This page could not be shown">
        Go on to <Link to="/modules">all modules</Link>.
      </PageHead>
      <Section title="Why">
        <ProblemPanel problem={problem.body} onRetry={again} />
      </Section>
    </>
  );
}

/** What nobody sees who did not sign in. */
function SignInFirst({ problem }: { readonly problem: Problem }) {
  return (
    <>
      <title>Sign in first · Cambium</title>
      <PageHead title="Sign in first" />
      <SignedOut title="This is only for who is signed in">{problem.body.detail}</SignedOut>
    </>
  );
}

export function PageMissing() {
  return (
    <>
      <title>No such page · Cambium</title>
      <PageHead title="There is no such page" />
      <Section title="Not found">
        <Message icon={MapPinOff} title="The address leads nowhere">
          <p>
            Look for what you need among <Link to="/modules">all modules</Link>.
          </p>
        </Message>
      </Section>
    </>
  );
}
