import styles from './Bars.module.css';

export interface Bar {
  /** Names the bar for people. */
  readonly label: string;
  readonly value: number;
}

/** Counts over time as bars; `label` says in words what they show, for who doesn't see them. */
export function Bars({ label, bars }: { label: string; bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <>
      <span className="visually-hidden">{label}</span>
      <div className={styles.bars} aria-hidden>
        {bars.map((bar, index) => (
          <i
            key={index}
            title={`${bar.label}: ${bar.value}`}
            data-none={bar.value === 0 || undefined}
            style={{ height: `${bar.value === 0 ? 0 : Math.max(8, (bar.value / most) * 100)}%` }}
          />
        ))}
      </div>
    </>
  );
}
