import { createFileRoute } from '@tanstack/react-router';
import { SignInPage } from '@/features/session/SignInPage';
import { safePath } from '@/features/session/then';

export const Route = createFileRoute('/sign-in')({
  validateSearch: (search: Record<string, unknown>) => {
    const then = safePath(search.then);
    // Undefined, and not left out: what is left out stays as it was given.
    return { then: then === '/' ? undefined : then };
  },
  component: SignIn,
});

function SignIn() {
  const { then = '/' } = Route.useSearch();
  return (
    <>
      <title>Sign in · Cambium</title>
      <SignInPage then={then} />
    </>
  );
}
