/** The settings: on a wide screen their navigation at the side, on a phone one page at a time with a way back to the list. */
import { Link, Outlet } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { SettingsNavigation } from './SettingsNavigation.tsx';
import styles from './SettingsLayout.module.css';

export function SettingsLayout() {
  return (
    <Page>
      <div className={styles.columns}>
        <aside className={styles.side}>
          <SettingsNavigation />
        </aside>
        <div className={styles.content}>
          <Link {...paths.settings()} className={styles.back} activeOptions={{ exact: true }}>
            <ChevronLeft size={15} aria-hidden /> Settings
          </Link>
          <Outlet />
        </div>
      </div>
    </Page>
  );
}
