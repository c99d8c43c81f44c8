/** What surrounds every page behind sign-in: navigation, the live channel, shortcuts, and the state of the connection. */
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useStaleSince } from '../live/context.ts';
import { LiveProvider } from '../live/LiveProvider.tsx';
import { CountAnnouncer } from './CountAnnouncer.tsx';
import { Rail, TabBar } from './Rail.tsx';
import { Shortcuts } from './Shortcuts.tsx';
import styles from './Shell.module.css';

export function Shell() {
  return (
    <LiveProvider>
      <a href="#content" className={styles.skip}>
        Skip to content
      </a>
      <Rail />
      <Content />
      <TabBar />
      <Shortcuts />
      <CountAnnouncer />
    </LiveProvider>
  );
}

function Content() {
  const isStale = useStaleSince() !== undefined;
  const page = useRouterState({ select: (state) => state.resolvedLocation?.pathname.split('/')[1] });
  const main = useRef<HTMLElement>(null);
  const shownPage = useRef(page);
  useEffect(() => {
    // Keyboard and screen reader go on at the top of a new page, but keep their place between its tabs.
    if (shownPage.current !== undefined && page !== shownPage.current) main.current?.focus({ preventScroll: true });
    shownPage.current = page;
  }, [page]);
  return (
    <main id="content" ref={main} tabIndex={-1} className={styles.main} data-stale={isStale || undefined}>
      <Outlet />
    </main>
  );
}
