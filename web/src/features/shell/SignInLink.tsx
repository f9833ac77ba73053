// The way to signing in and back here.

import { Button } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';

export function SignInLink() {
  const here = useLocation({ select: ({ href }) => href });
  return (
    <Button
      component="a"
      href={`/sign-in?then=${encodeURIComponent(here)}`}
      size="xs"
      leftSection={<LogIn size={14} aria-hidden />}
    >
      Sign in
    </Button>
  );
}
