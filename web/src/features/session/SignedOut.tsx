// In place of what only those see who say who they are.

import { Button } from '@mantine/core';
import { useLocation, useRouter } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';
import type { ReactNode } from 'react';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { signInPath } from './then';
import classes from './SignedOut.module.css';

export interface SignedOutProps {
  readonly title: string;
  readonly children: ReactNode;
}

export function SignedOut({ title, children }: SignedOutProps) {
  const router = useRouter();
  const path = signInPath(useLocation({ select: (location) => location.href }));
  return (
    <Section title="Signed out">
      <Message icon={LogIn} title={title}>
        <p>{children}</p>
        <Button
          component="a"
          href={path}
          className={classes.button ?? ''}
          onClick={(event) => {
            event.preventDefault();
            router.history.push(path);
          }}
        >
          Sign in
        </Button>
      </Message>
    </Section>
  );
}
