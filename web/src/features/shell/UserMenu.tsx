// Who is signed in, and what concerns only them.

import { Menu } from '@mantine/core';
import { useLocation, useRouter } from '@tanstack/react-router';
import { ChevronsUpDown, KeyRound, LogIn, LogOut } from 'lucide-react';
import type { Identity } from '@/api/types';
import { signInPath } from '@/features/session/then';
import { useSignOut } from '@/features/session/useSignOut';
import { useIdentity } from '@/queries/identity';
import { formatAgo, words } from '@/ui/format';
import { PathLink } from './PathLink';
import classes from './UserMenu.module.css';

export function UserMenu() {
  const identity = useIdentity();
  const href = useLocation({ select: (location) => location.href });
  if (!identity) return <span className={classes.user} aria-hidden />;
  if (identity.actor) return <SignedIn actor={identity.actor} identity={identity} />;
  return (
    <PathLink path={signInPath(href)} className={classes.user}>
      <LogIn size={16} aria-hidden />
      <span className={classes.name}>Sign in</span>
    </PathLink>
  );
}

interface SignedInProps {
  readonly actor: string;
  readonly identity: Identity;
}

function SignedIn({ actor, identity }: SignedInProps) {
  const router = useRouter();
  const signOut = useSignOut();
  return (
    <Menu position="top-end" width={230} shadow="md" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.user} aria-label={`Signed in as ${actor}`}>
          <span className={classes.mark} aria-hidden>
            {actor.charAt(0).toUpperCase()}
          </span>
          <span className={classes.name}>{actor}</span>
          <ChevronsUpDown size={14} aria-hidden className={classes.more} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.about}>
          <strong>{actor}</strong>
          <span>{standing(identity)}</span>
          {identity.expires_at && (
            <span>Session ends {formatAgo(new Date(identity.expires_at), new Date())}</span>
          )}
        </div>
        <Menu.Divider />
        <Menu.Item
          leftSection={<KeyRound size={15} aria-hidden />}
          onClick={() => {
            router.history.push('/tokens');
          }}
        >
          My tokens
        </Menu.Item>
        <Menu.Item
          leftSection={<LogOut size={15} aria-hidden />}
          onClick={() => {
            signOut.mutate();
          }}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Roles in a few words: the one everywhere, or where there are some. */
function standing({ roles }: Identity): string {
  const everywhere = roles.find(({ namespace }) => !namespace);
  if (everywhere) return `${words(everywhere.role)} of the whole registry`;
  const [first, ...more] = roles;
  if (!first) return 'Without a role';
  const named = `${words(first.role)} in ${first.namespace ?? ''}`;
  return more.length > 0 ? `${named} and ${more.length} more` : named;
}
