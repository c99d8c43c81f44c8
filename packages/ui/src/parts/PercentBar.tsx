import styles from './PercentBar.module.css';

/** How far something is, as a bar. */
export function PercentBar({ label, percent }: { label: string; percent: number }) {
  return (
    <div className={styles.bar}>
      <progress className="visually-hidden" aria-label={label} max={100} value={percent}>
        {percent} %
      </progress>
      <i style={{ width: `${percent}%` }} aria-hidden />
    </div>
  );
}
