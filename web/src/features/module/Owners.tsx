// Who has a role in the module's namespace.

import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { LockKeyhole, UserRoundX } from 'lucide-react';
import { fromThrown } from '@/api/problem';
import type { Holder } from '@/api/types';
import { signInPath } from '@/features/session/then';
import { Loaded } from '@/features/shell/Loaded';
import { PathLink } from '@/features/shell/PathLink';
import { ownersQuery } from '@/queries/owners';
import { words } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './Owners.module.css';

export function Owners({ namespace }: { readonly namespace: string }) {
  const query = useQuery(ownersQuery(namespace));
  const status = query.error ? fromThrown(query.error).status : null;
  return (
    <Section title="Owners" aside={`Roles in ${namespace}`}>
      {status === 401 ? (
        <SignedOut />
      ) : status === 403 ? (
        <Message icon={LockKeyhole} title="Not for you to see">
          <p>Who has a role in {namespace} sees the others.</p>
        </Message>
      ) : (
        <Loaded query={query} lines={3}>
          {(holders) =>
            holders.length === 0 ? (
              <Message icon={UserRoundX} title="Nobody has a role here">
                <p>Who has a role everywhere looks after it.</p>
              </Message>
            ) : (
              <ul className={classes.list}>
                {sorted(holders).map(({ actor, role }) => (
                  <li key={actor}>
                    <span className={classes.actor}>{actor}</span>
                    <span className={classes.role}>{words(role)}</span>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      )}
    </Section>
  );
}

function SignedOut() {
  const href = useLocation({ select: (location) => location.href });
  return (
    <Message icon={LockKeyhole} title="Only for who is signed in">
      <p>
        <PathLink path={signInPath(href)}>Sign in</PathLink> to see whom to ask.
      </p>
    </Message>
  );
}

const FIRST = ['admin', 'reviewer', 'publisher', 'reader'];

/** Who may do most comes first. */
function sorted(holders: readonly Holder[]): Holder[] {
  return [...holders].sort(
    (a, b) => FIRST.indexOf(a.role) - FIRST.indexOf(b.role) || a.actor.localeCompare(b.actor),
  );
}
