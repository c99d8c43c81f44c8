/** Shown while it is not yet known who is there. */
import styles from './ShellSkeleton.module.css';
import { Logo } from './Logo.tsx';

export function ShellSkeleton() {
  return (
    <output className={styles.rail} aria-label="Loading">
      <Logo />
    </output>
  );
}
