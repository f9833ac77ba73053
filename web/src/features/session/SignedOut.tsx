// In place of what only those see who say who they are.

import { LogIn } from 'lucide-react';
import type { ReactNode } from 'react';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { SignInLink } from './SignInLink';
import classes from './SignedOut.module.css';

export interface SignedOutProps {
  readonly title: string;
  readonly children: ReactNode;
}

export function SignedOut({ title, children }: SignedOutProps) {
  return (
    <Section title="Signed out">
      <Message icon={LogIn} title={title}>
        <p>{children}</p>
        <div className={classes.button}>
          <SignInLink />
        </div>
      </Message>
    </Section>
  );
}
