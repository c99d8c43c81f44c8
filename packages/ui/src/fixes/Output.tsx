import { useEffect, useRef } from 'react';
import styles from './Output.module.css';

/** What a fix printed on a house; while it prints, the end stays in sight. */
export function Output({ text, isLive }: { text: string; isLive: boolean }) {
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (isLive && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, isLive]);
  return (
    <section className={styles.frame} aria-label="Output">
      <pre ref={box} className={styles.output}>
        {text}
      </pre>
    </section>
  );
}
