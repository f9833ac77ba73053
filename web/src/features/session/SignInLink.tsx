// The way to signing in and back here.

import { Button } from '@mantine/core';
import { useLocation, useRouter } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';
import { signInPath } from './then';

export function SignInLink() {
  const router = useRouter();
  const path = signInPath(useLocation({ select: ({ href }) => href }));
  return (
    <Button
      component="a"
      href={path}
      leftSection={<LogIn size={15} aria-hidden />}
      onClick={(event) => {
        event.preventDefault();
        router.history.push(path);
      }}
    >
      Sign in
    </Button>
  );
}
