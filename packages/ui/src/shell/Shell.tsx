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
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const main = useRef<HTMLElement>(null);
  const shownPath = useRef(path);
  useEffect(() => {
    const before = shownPath.current;
    shownPath.current = path;
    if (before === undefined || path === before) return;
    // Keyboard and screen reader go on at the top of a new page, but keep their place between its tabs while it is there.
    const isNewPage = path?.split('/')[1] !== before.split('/')[1];
    if (isNewPage || document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <main id="content" ref={main} tabIndex={-1} className={styles.main} data-stale={isStale || undefined}>
      <Outlet />
    </main>
  );
}
