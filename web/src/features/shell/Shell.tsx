// What is around every page.

import { useWindowEvent } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Menu as MenuIcon, Search, X } from 'lucide-react';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useNews } from '@/features/history/useNews';
import { keepRecentOf, remember } from '@/features/palette/recent';
import { followEvents } from '@/queries/events';
import { followTabs, identityQuery } from '@/queries/identity';
import { followConnection } from '@/queries/reachability';
import { Banners } from './Banners';
import { LiveMark } from './LiveMark';
import { modKey } from './modKey';
import { Navigation } from './Navigation';
import { type Overlay, Overlays } from './Overlays';
import { PathLink } from './PathLink';
import { SchemeToggle } from './SchemeToggle';
import classes from './Shell.module.css';
import { useKeyboard } from './useKeyboard';
import { UserMenu } from './UserMenu';

export function Shell({ children }: { readonly children: ReactNode }) {
  const [overlay, setOverlay] = useState<Overlay>(null);
  useKeyboard({
    palette: () => {
      setOverlay('palette');
    },
    help: () => {
      setOverlay('help');
    },
  });
  useLife();
  useNews();
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <Header
        onSearch={() => {
          setOverlay('palette');
        }}
      />
      <div className={classes.page}>
        <Banners />
        <main id="content" tabIndex={-1} className={classes.main}>
          {children}
        </main>
      </div>
      <Overlays open={overlay} onOpen={setOverlay} />
      <Notifications position="bottom-right" autoClose={6000} limit={4} />
    </>
  );
}

function Header({ onSearch }: { readonly onSearch: () => void }) {
  const [opened, setOpened] = useState(false);
  const close = () => {
    setOpened(false);
  };
  useWindowEvent('keydown', (event) => {
    if (event.key === 'Escape') close();
  });
  return (
    <header className={classes.header}>
      <PathLink path="/" className={classes.brand} onClick={close}>
        <img src="/favicon.svg" width={24} height={24} alt="" />
        Cambium
      </PathLink>
      <button type="button" className={classes.search} onClick={onSearch} aria-haspopup="dialog">
        <Search size={16} aria-hidden />
        <span className={classes.searchText}>Find…</span>
        <kbd aria-hidden>{modKey()} K</kbd>
      </button>
      <button
        type="button"
        className={classes.burger}
        aria-label="Menu"
        aria-expanded={opened}
        aria-controls="main-menu"
        onClick={() => {
          setOpened(!opened);
        }}
      >
        {opened ? <X size={20} aria-hidden /> : <MenuIcon size={20} aria-hidden />}
      </button>
      <div id="main-menu" className={classes.menu} data-opened={opened}>
        <Navigation onGo={close} />
        <div className={classes.end}>
          <div className={classes.small}>
            <LiveMark />
            <SchemeToggle />
          </div>
          <UserMenu />
        </div>
      </div>
    </header>
  );
}

/** What goes on as long as the pages are open. */
function useLife(): void {
  const queryClient = useQueryClient();
  const router = useRouter();
  const { data, isPending } = useQuery(identityQuery());
  const actor = data?.actor ?? null;
  useActor(data && actor);
  useEffect(() => followTabs(queryClient), [queryClient]);
  useEffect(() => followConnection(queryClient), [queryClient]);
  const follow = useEffectEvent(() => followEvents(queryClient, data?.events_after));
  // What one may hear depends on who one is.
  useEffect(() => (isPending ? undefined : follow()), [isPending, actor]);
  useEffect(
    () =>
      router.subscribe('onRendered', ({ toLocation }) => {
        const failed = router.state.matches.some(({ status }) => status === 'error');
        if (!failed) remember(toLocation.pathname);
      }),
    [router],
  );
}

/** When somebody else is there, or nobody any more. Undefined until it is known. */
function useActor(actor: string | null | undefined): void {
  const router = useRouter();
  const before = useRef<string | null>(undefined);
  useEffect(() => {
    if (actor === undefined) return;
    keepRecentOf(actor);
    const changed = before.current !== undefined && before.current !== actor;
    before.current = actor;
    // A page that was refused shows nothing that would ask again by itself.
    if (changed) void router.invalidate();
  }, [router, actor]);
}
