/** A line as small as a word: how a value went, without axes. */
import { useId } from 'react';
import { HEIGHT, pathsOf, WIDTH } from './sparkline-path.ts';
import styles from './Sparkline.module.css';

/** @param values at even distances; null where there is none, where the line has a gap */
export function Sparkline({
  label,
  values,
  min,
  max,
}: {
  /** What a screen reader says. */
  label: string;
  values: readonly (number | null)[];
  /** Where the scale begins and ends at the least. */
  min?: number | undefined;
  max?: number | undefined;
}) {
  const fade = useId();
  const { lines, areas } = pathsOf(values, min, max);
  return (
    <>
      <span className="visually-hidden">{label}</span>
      <svg className={styles.sparkline} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
        <linearGradient id={fade} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" className={styles.top} />
          <stop offset="1" className={styles.bottom} />
        </linearGradient>
        <path d={areas} fill={`url(#${fade})`} />
        <path d={lines} className={styles.line} />
      </svg>
    </>
  );
}
