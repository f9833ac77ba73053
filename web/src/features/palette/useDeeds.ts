// What can be done from anywhere.

import { useRouter } from '@tanstack/react-router';
import { useOtherScheme } from '@/features/shell/SchemeToggle';
import { signInPath } from '@/features/session/then';
import { useSignOut } from '@/features/session/useSignOut';
import { useIdentity } from '@/queries/identity';
import type { Item } from './items';

export function useDeeds(onHelp: () => void) {
  const router = useRouter();
  const identity = useIdentity();
  const signOut = useSignOut();
  const { other, use } = useOtherScheme();
  const known: readonly (Item & { readonly does: () => void })[] = [
    { id: 'scheme', label: `Use the ${other} theme`, look: 'deed', does: use },
    { id: 'keys', label: 'Show keyboard shortcuts', hint: '?', look: 'deed', does: onHelp },
    identity?.actor
      ? {
          id: 'sign-out',
          label: `Sign out ${identity.actor}`,
          look: 'deed',
          does: () => {
            signOut.mutate();
          },
        }
      : {
          id: 'sign-in',
          label: 'Sign in',
          look: 'deed',
          does: () => {
            router.history.push(signInPath(router.state.location.href));
          },
        },
    {
      id: 'docs',
      label: 'Reference of the API',
      look: 'deed',
      does: () => {
        window.location.assign('/docs');
      },
    },
  ];
  return {
    deeds: known,
    carryOut: (id: string) => {
      known.find((deed) => deed.id === id)?.does();
    },
  };
}
