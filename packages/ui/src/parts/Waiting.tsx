import { Skeleton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { SKELETON_AFTER_MS } from '../limits.ts';
import styles from './Waiting.module.css';

/** Rows in grey while the first answer is awaited; nothing at all when it comes fast. */
export function Waiting({ rows = 6, rowHeight = 44 }: { rows?: number; rowHeight?: number }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <output className={styles.waiting} aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={rowHeight} radius={10} />
      ))}
    </output>
  );
}
