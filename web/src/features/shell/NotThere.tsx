// What was asked for is not there, or not for who asks: the server does not say which.

import { Button } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { MapPinOff } from 'lucide-react';
import type { Problem } from '@/api/problem';
import { SignInLink } from '@/features/session/SignInLink';
import { useIdentity } from '@/queries/identity';
import { Message } from '@/ui/Message';
import { ProblemPanel } from '@/ui/ProblemPanel';
import { Section } from '@/ui/Section';
import { aboveOf } from './above';
import classes from './NotThere.module.css';
import { PageHead } from './PageHead';
import { PathLink } from './PathLink';

export function NotThere({ problem }: { readonly problem: Problem }) {
  const actor = useIdentity()?.actor;
  const { what, above } = aboveOf(useLocation({ select: ({ pathname }) => pathname }));
  return (
    <>
      <title>{`No such ${what} · Cambium`}</title>
      <PageHead title={`There is no such ${what} for you`} />
      <Section title="Not found">
        <Message icon={MapPinOff} title="It may be private, or not be there at all">
          <p>
            What you may not see looks the same as what does not exist.{' '}
            {actor
              ? `If it belongs to a private namespace, ${actor} has no role there that reads it.`
              : 'If it belongs to a private namespace, sign in as somebody who may read it.'}
          </p>
          <div className={classes.ways}>
            {!actor && <SignInLink />}
            {above && (
              <Button component={PathLink} path={above.path} variant="default">
                {above.name}
              </Button>
            )}
            <Button component={Link} to="/modules" variant="default">
              All modules
            </Button>
          </div>
        </Message>
        <div className={classes.said}>
          <ProblemPanel problem={problem.body} />
        </div>
      </Section>
    </>
  );
}
