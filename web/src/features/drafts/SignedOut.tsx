// Drafts belong to somebody: without signing in there are none to show.

import { KeyRound } from 'lucide-react';
import { SignInLink } from '@/features/shell/SignInLink';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';

export function SignedOut() {
  return (
    <Section title="Not published">
      <Message icon={KeyRound} title="Sign in to see your drafts">
        <p>
          A draft, and an attempt that was refused, is seen by who made it and by those who may
          publish in its namespace.
        </p>
        <SignInLink />
      </Message>
    </Section>
  );
}
