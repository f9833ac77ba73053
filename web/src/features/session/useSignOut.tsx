// Signing out, from wherever it is offered. That it failed is told: who goes away counts on it.

import { LogOut } from 'lucide-react';
import { fromThrown } from '@/api/problem';
import { tell } from '@/features/shell/tell';
import { useEndSession } from '@/queries/identity';

export function useSignOut() {
  return useEndSession((thrown) => {
    const { code, detail, remedy } = fromThrown(thrown).body;
    tell({
      id: 'sign-out',
      tone: 'bad',
      icon: LogOut,
      title: 'You are still signed in',
      message: (
        <>
          {detail} <code>{code}</code> {remedy}
        </>
      ),
    });
  });
}
