import { count } from '../format/number.ts';
import styles from './Meter.module.css';

const NEARLY_FULL = 0.8;

/**
 * How much of a limit is used, as a bar; `max` is null where there could be a limit and is none. With `isGood` much is
 * what one wants.
 */
export function Meter({
  label,
  value,
  max,
  isGood = false,
}: {
  label: string;
  value: number;
  max?: number | null;
  isGood?: boolean;
}) {
  const share = max === null || max === undefined ? 0 : max === 0 ? 1 : Math.min(1, value / max);
  const text = max === null || max === undefined ? count(value) : `${count(value)} of ${count(max)}`;
  return (
    <div className={styles.meter}>
      <span className={styles.label}>{label}</span>
      <span className={styles.value}>
        {text}
        {max === null && <small> no limit</small>}
        {share >= 1 && !isGood && <small> full</small>}
      </span>
      {max !== null && max !== undefined && (
        <div className={styles.bar}>
          <meter className="visually-hidden" aria-label={label} min={0} max={Math.max(max, value)} value={value}>
            {text}
          </meter>
          <i
            style={{ width: `${share * 100}%` }}
            data-level={isGood ? 'good' : share >= 1 ? 'bad' : share >= NEARLY_FULL ? 'warn' : 'ok'}
          />
        </div>
      )}
    </div>
  );
}
