import { count } from '../format/number.ts';
import styles from './StackedBar.module.css';

export interface BarPart {
  readonly key: string;
  /** Stands behind the number, e.g. "installing". */
  readonly label: string;
  readonly amount: number;
  readonly tone: 'ok' | 'warn' | 'bad' | 'busy' | 'none';
  /** Tells two parts of one tone apart, also without colours. */
  readonly shade?: 'light' | 'striped';
}

/** A whole as one bar of its parts; what stands below it says the same in words. */
export function StackedBar({
  parts,
  size = 'sm',
  hasLegend = true,
}: {
  parts: readonly BarPart[];
  size?: 'sm' | 'lg';
  hasLegend?: boolean;
}) {
  const shown = parts.filter(({ amount }) => amount > 0);
  return (
    <div>
      <div
        className={styles.bar}
        data-size={size}
        {...(hasLegend
          ? { 'aria-hidden': true }
          : { role: 'img', 'aria-label': shown.map(({ label, amount }) => `${count(amount)} ${label}`).join(', ') })}
      >
        {shown.map(({ key, label, amount, tone, shade }) => (
          <i
            key={key}
            data-tone={tone}
            data-shade={shade}
            title={`${count(amount)} ${label}`}
            style={{ flexGrow: amount }}
          />
        ))}
      </div>
      {hasLegend && (
        <ul className={styles.legend}>
          {shown.map((part) => (
            <li key={part.key}>
              <StackedBarSwatch part={part} />
              <b>{count(part.amount)}</b> {part.label}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The looks of a part of the bar, for a legend. */
export function StackedBarSwatch({ part: { tone, shade } }: { part: BarPart }) {
  return <i className={styles.swatch} data-tone={tone} data-shade={shade} aria-hidden />;
}
