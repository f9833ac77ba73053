// One's own tokens: what they may do, until when, and how to be rid of them.

import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Ban, Check, Clock, KeyRound, type LucideIcon, Plus, TimerOff } from 'lucide-react';
import { useState } from 'react';
import type { TokenView } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { LoadMore } from '@/features/shell/LoadMore';
import { tokensQuery } from '@/queries/tokens';
import { Ago } from '@/ui/Ago';
import { Badge, type Tone } from '@/ui/Badge';
import { type Column, DataTable } from '@/ui/DataTable';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { NewToken } from './NewToken';
import { RevokeDialog } from './RevokeDialog';
import { sayScope, sorted, type Standing, standingOf } from './tokens';
import classes from './TokensPage.module.css';

const LOOKS: Record<Standing, readonly [string, Tone, LucideIcon]> = {
  active: ['Active', 'good', Check],
  ending: ['Ends soon', 'warn', Clock],
  expired: ['Expired', 'plain', TimerOff],
  revoked: ['Revoked', 'plain', Ban],
};

export function TokensPage() {
  const query = useInfiniteQuery(tokensQuery());
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<TokenView | null>(null);
  const [now] = useState(Date.now);
  const tokens = sorted(query.data?.pages.flatMap((page) => page.items) ?? [], now);
  return (
    <>
      <Section
        title="Tokens"
        aside={
          <Button
            size="xs"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => {
              setMaking(true);
            }}
          >
            New token
          </Button>
        }
      >
        <Loaded query={query}>
          {() =>
            tokens.length === 0 ? (
              <Message icon={KeyRound} title="No token yet">
                <p>Make one for each place that speaks for you: a pipeline, a command line.</p>
              </Message>
            ) : (
              <DataTable
                label="My tokens"
                columns={columns(now, setRevoking)}
                rows={tokens}
                rowKey={(token) => token.id}
              />
            )
          }
        </Loaded>
        <LoadMore query={query} />
      </Section>
      {making && (
        <NewToken
          onClose={() => {
            setMaking(false);
          }}
        />
      )}
      {revoking && (
        <RevokeDialog
          token={revoking}
          onClose={() => {
            setRevoking(null);
          }}
        />
      )}
    </>
  );
}

function columns(now: number, onRevoke: (token: TokenView) => void): Column<TokenView>[] {
  return [
    { title: 'Name', wide: true, cell: ({ name }) => <strong>{name}</strong> },
    {
      title: 'May',
      wide: true,
      cell: ({ scope }) => <span className={classes.scope}>{sayScope(scope)}</span>,
    },
    {
      title: 'State',
      cell: (token) => {
        const [word, tone, icon] = LOOKS[standingOf(token, now)];
        return (
          <Badge tone={tone} icon={icon}>
            {word}
          </Badge>
        );
      },
    },
    {
      title: 'Made',
      cell: ({ created_at }) => (
        <span className={classes.when} data-what="made ">
          <Ago at={created_at} />
        </span>
      ),
    },
    {
      title: 'Ends',
      cell: (token) => (
        <span className={classes.when} data-what={token.revoked_at ? '' : 'ends '}>
          {end(token)}
        </span>
      ),
    },
    {
      title: 'Action',
      cell: (token) =>
        !token.revoked_at && (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Revoke ${token.name}`}
            onClick={() => {
              onRevoke(token);
            }}
          >
            Revoke
          </Button>
        ),
    },
  ];
}

function end({ revoked_at, expires_at }: TokenView) {
  if (revoked_at) {
    return (
      <>
        revoked <Ago at={revoked_at} />
      </>
    );
  }
  return expires_at ? <Ago at={expires_at} /> : 'never';
}
