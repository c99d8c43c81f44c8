/** How the whole fleet fares, in one number and one bar. */
import { count, percentage } from '../format/number.ts';
import { everConnected, needAttention, type FleetCounts } from './fleet.ts';
import styles from './Hero.module.css';

export function Hero({ fleet }: { fleet: FleetCounts }) {
  const { devices, connected, ok, warning, critical, offline, unknown } = fleet;
  const attention = needAttention(fleet);
  const parts = [
    { tone: 'ok', value: ok },
    { tone: 'warn', value: warning },
    { tone: 'bad', value: critical + offline },
    { tone: 'unknown', value: unknown },
  ];
  return (
    <section className={styles.hero} aria-label="Health of the fleet">
      <div className={styles.share}>
        <b>{percentage(ok, everConnected(fleet))}</b>
        <span>healthy</span>
      </div>
      <div className={styles.counts}>
        <div className={styles.bar} aria-hidden>
          {parts.map(
            ({ tone, value }) => value > 0 && <i key={tone} data-tone={tone} style={{ flexGrow: value / devices }} />,
          )}
        </div>
        <p>
          <span>
            <i data-tone="ok" aria-hidden />
            <b>{count(connected)}</b> online
          </span>
          <span>
            <i data-tone={critical + offline > 0 ? 'bad' : warning > 0 ? 'warn' : 'none'} aria-hidden />
            <b>{count(attention)}</b> need{attention === 1 ? 's' : ''} attention
          </span>
        </p>
      </div>
    </section>
  );
}
