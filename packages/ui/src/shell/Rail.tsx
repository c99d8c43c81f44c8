/** Navigation: an icon rail at the side, on a phone a bar of tabs at the bottom. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { summaryQuery } from '../api.ts';
import { plural, shortCount } from '../format/number.ts';
import { paths } from '../paths.ts';
import { Logo } from './Logo.tsx';
import { ALERTS, DEPLOYMENTS, DEVICES, MAP, SETTINGS, SOFTWARE, type Destination } from './navigation.ts';
import styles from './Rail.module.css';

const UserMenu = lazy(async () => ({ default: (await import('./UserMenu.tsx')).UserMenu }));

export function Rail() {
  return (
    <nav className={styles.rail} aria-label="Main">
      <Link {...paths.map()} className={styles.home} aria-label="Lovely Smart System, to the map">
        <Logo />
      </Link>
      {[MAP, DEVICES, ALERTS, SOFTWARE, DEPLOYMENTS].map((destination) => (
        <RailLink key={destination.label} destination={destination} />
      ))}
      <span className={styles.space} />
      <RailLink destination={SETTINGS} />
      <Suspense fallback={<span className={styles.avatar} />}>
        <UserMenu />
      </Suspense>
    </nav>
  );
}

export function TabBar() {
  return (
    <nav className={styles.tabs} aria-label="Main">
      {[MAP, ALERTS, DEVICES, SOFTWARE, DEPLOYMENTS, SETTINGS].map((destination) => (
        <RailLink key={destination.label} destination={destination} />
      ))}
    </nav>
  );
}

function RailLink({ destination }: { destination: Destination }) {
  const { data: summary } = useQuery(summaryQuery);
  const { icon: Icon, label, link, badge } = destination;
  const badgeCount = badge && summary ? summary[badge] : 0;
  return (
    <Link {...link} className={styles.link} activeOptions={{ exact: link.to === '/', includeSearch: false }}>
      <span className={styles.icon}>
        <Icon size={20} strokeWidth={1.8} aria-hidden />
        {badgeCount > 0 && (
          <span className={styles.badge} data-kind={badge} aria-hidden>
            {shortCount(badgeCount)}
          </span>
        )}
      </span>
      <span className={styles.label}>{label}</span>
      {badgeCount > 0 && (
        <span className="visually-hidden">
          , {plural(badgeCount, badge === 'alerts' ? 'open alert' : 'pending gateway')}
        </span>
      )}
    </Link>
  );
}
