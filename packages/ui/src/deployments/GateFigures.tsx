import type { GateFigure } from '@lovely/api';
import { CircleCheck, CircleDashed, OctagonX, type LucideIcon } from 'lucide-react';
import { decimal, plural } from '../format/number.ts';
import styles from './GateFigures.module.css';
import { shareText } from './options-text.ts';

const NAMES: Readonly<Record<GateFigure['gate'], string>> = {
  failures: 'Failures',
  alerts: 'New alerts',
  reconnects: 'Reconnects of a house',
};

const ICONS: Readonly<Record<GateFigure['state'], LucideIcon>> = {
  ok: CircleCheck,
  'too-few': CircleDashed,
  exceeded: OctagonX,
  off: CircleDashed,
};

/** What the gates see now, each against where it stops. */
export function GateFigures({ figures }: { figures: readonly GateFigure[] }) {
  const shown = figures.filter(({ state }) => state !== 'off');
  if (shown.length === 0) return null;
  return (
    <ul className={styles.gates} aria-label="Gates">
      {shown.map((figure) => (
        <Gate key={figure.gate} figure={figure} />
      ))}
    </ul>
  );
}

function Gate({ figure: { gate, max, value, rest, sample, state } }: { figure: GateFigure }) {
  const text = (amount: number): string => (gate === 'reconnects' ? decimal(amount) : shareText(amount));
  const Icon = ICONS[state];
  const beyond = gate === 'failures' || rest === 0 ? '' : `, the rest of the fleet ${text(rest)}`;
  // A gate looks at what is beyond the rest; full is where it stops.
  const share = max === null ? 0 : max === 0 ? (value > rest ? 1 : 0) : Math.min(1, Math.max(0, value - rest) / max);
  return (
    <li data-state={state}>
      <span className={styles.name}>
        <Icon size={14} aria-hidden /> {NAMES[gate]}
      </span>
      <b>{text(value)}</b>
      <span className={styles.bar} aria-hidden>
        <i style={{ width: `${share * 100}%` }} />
      </span>
      <small>
        of {plural(sample, 'house')}
        {beyond}; stops above {max === null ? '—' : text(max)}
        {gate !== 'failures' && ' more'}
        {state === 'too-few' && '; too few to judge'}
      </small>
    </li>
  );
}
