// The way to signing in and back here.

import { Button } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';
import { PathLink } from '@/features/shell/PathLink';
import { signInPath } from './then';

export function SignInLink() {
  const path = signInPath(useLocation({ select: ({ href }) => href }));
  return (
    <Button component={PathLink} path={path} leftSection={<LogIn size={15} aria-hidden />}>
      Sign in
    </Button>
  );
}
