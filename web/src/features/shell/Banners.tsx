// What concerns the whole page: the server is gone, the session has ended.

import { CloseButton } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { CircleCheck, LogIn, type LucideIcon, Unplug } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { connection } from '@/api/connection';
import { sessionLapsed } from '@/api/session';
import { signInPath } from '@/features/session/then';
import classes from './Banners.module.css';
import { PathLink } from './PathLink';
import { useStored } from './useStored';

/** How long it is said that the server is back. */
const BACK_MS = 4000;

export function Banners() {
  return (
    <div className={classes.banners} role="status" aria-live="polite">
      <OfConnection />
      <OfSession />
    </div>
  );
}

function OfConnection() {
  const state = useStored(connection);
  useEffect(() => {
    if (state !== 'back') return;
    const timer = setTimeout(() => {
      connection.set('there');
    }, BACK_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [state]);
  if (state === 'there') return null;
  if (state === 'back') {
    return (
      <Banner tone="good" icon={CircleCheck}>
        The server is back. What you see is being brought up to date.
      </Banner>
    );
  }
  return (
    <Banner tone="bad" icon={Unplug}>
      The server cannot be reached. What you see may be old; it is tried again by itself.
    </Banner>
  );
}

function OfSession() {
  const lapsed = useStored(sessionLapsed);
  const href = useLocation({ select: (location) => location.href });
  if (!lapsed) return null;
  return (
    <Banner
      tone="warn"
      icon={LogIn}
      onClose={() => {
        sessionLapsed.set(false);
      }}
    >
      Your session has ended; you see what everybody may.{' '}
      <PathLink path={signInPath(href)}>Sign in again</PathLink>
    </Banner>
  );
}

interface BannerProps {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly icon: LucideIcon;
  readonly onClose?: () => void;
  readonly children: ReactNode;
}

function Banner({ tone, icon: Icon, onClose, children }: BannerProps) {
  return (
    <div className={classes.banner} data-tone={tone}>
      <Icon size={16} aria-hidden />
      <span className={classes.text}>{children}</span>
      {onClose && <CloseButton size="sm" aria-label="Hide this" onClick={onClose} />}
    </div>
  );
}
