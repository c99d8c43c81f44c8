import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { useMay } from '../may.ts';
import { SETTINGS_GROUPS } from './navigation.ts';
import styles from './SettingsNavigation.module.css';

/** The pages of the settings that this person may see, in groups; a group without any is left out. */
export function SettingsNavigation() {
  const may = useMay();
  const groups = SETTINGS_GROUPS.map(({ label, entries }) => ({
    label,
    entries: entries.filter(({ needs }) => needs === undefined || may(needs)),
  })).filter(({ entries }) => entries.length > 0);
  return (
    <nav aria-label="Settings" className={styles.navigation}>
      {groups.map(({ label, entries }) => (
        <section key={label} aria-label={label}>
          <h2>{label}</h2>
          <ul>
            {entries.map(({ label: name, icon: Icon, link }) => (
              <li key={name}>
                <Link {...link} className={styles.link}>
                  <Icon size={17} strokeWidth={1.8} aria-hidden />
                  <span>{name}</span>
                  <ChevronRight size={15} aria-hidden className={styles.chevron} />
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
