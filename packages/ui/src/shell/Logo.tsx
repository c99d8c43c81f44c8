import { Gem } from 'lucide-react';
import styles from './Logo.module.css';

export function Logo({ size = 36 }: { size?: number }) {
  return (
    <span className={styles.logo} style={{ width: size, height: size, borderRadius: size * 0.28 }} aria-hidden>
      <Gem size={size * 0.6} strokeWidth={2.1} />
    </span>
  );
}
