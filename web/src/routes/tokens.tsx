import { useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { SignedOut } from '@/features/session/SignedOut';
import { PageHead } from '@/features/shell/PageHead';
import { TokensPage } from '@/features/tokens/TokensPage';
import { identityQuery } from '@/queries/identity';
import { begin, KEPT } from '@/queries/load';
import { tokensQuery } from '@/queries/tokens';

export const Route = createFileRoute('/tokens')({
  loader: async ({ context: { queryClient } }) => {
    const identity = await queryClient.query({ ...identityQuery(), ...KEPT });
    if (identity.actor) begin(queryClient.infiniteQuery(tokensQuery()));
  },
  component: Tokens,
});

function Tokens() {
  const { data: identity } = useSuspenseQuery(identityQuery());
  return (
    <>
      <title>My tokens · Cambium</title>
      <PageHead title="My tokens">
        What speaks for you: command lines, pipelines, browsers. Each may do at most what you may.
      </PageHead>
      {identity.actor ? (
        <TokensPage />
      ) : (
        <SignedOut title="Sign in to see your tokens">
          Tokens belong to somebody; this page does not know who you are.
        </SignedOut>
      )}
    </>
  );
}
