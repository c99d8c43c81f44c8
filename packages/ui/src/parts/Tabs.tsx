import { Link, useLocation, type LinkProps } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { shortCount } from '../format/number.ts';
import styles from './Tabs.module.css';

export interface Tab {
  readonly label: string;
  readonly link: Pick<LinkProps, 'to' | 'params' | 'search'>;
  readonly count?: number | undefined;
  /** Where the address says more than the tab's own link does; otherwise the address decides. */
  readonly isOn?: boolean;
}

/** Tabs that are addresses; where they don't all fit, the one that is shown is in sight. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const nav = useRef<HTMLElement>(null);
  const href = useLocation({ select: (location) => location.href });
  useEffect(() => {
    const shown = nav.current?.querySelector('[aria-current=page]');
    if (!nav.current || !shown) return;
    const { left, width } = nav.current.getBoundingClientRect();
    const tab = shown.getBoundingClientRect();
    nav.current.scrollLeft += tab.left - left - (width - tab.width) / 2;
  }, [href]);
  return (
    <nav ref={nav} className={styles.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          {...tab.link}
          activeOptions={{ exact: true, includeSearch: tab.link.search !== undefined }}
          className={styles.tab}
          aria-current={tab.isOn ? 'page' : undefined}
        >
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && <span className={styles.count}>{shortCount(tab.count)}</span>}
        </Link>
      ))}
    </nav>
  );
}
