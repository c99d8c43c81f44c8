/** What state something was in over time: a strip, with its spans as a table for screen readers. */
import { CHART_TABLE_ROWS } from '../limits.ts';
import { momentText } from '../parts/time-axis.ts';
import type { StateChart } from './chart-data.ts';
import styles from './StateStrip.module.css';

const COLORS = 6;

export function StateStrip({ chart, fromMs, toMs }: { chart: StateChart; fromMs: number; toMs: number }) {
  const { spans, states, metric } = chart;
  const colorOf = (state: string): number | 'no' => (state === 'no' ? 'no' : states.indexOf(state) % COLORS);
  const share = (ms: number): number => (100 * (Math.min(toMs, Math.max(fromMs, ms)) - fromMs)) / (toMs - fromMs);
  return (
    <figure className={styles.figure} aria-label={metric.title}>
      <div className={styles.strip} aria-hidden>
        {spans.map((span) => (
          <i
            key={span.fromMs}
            data-color={colorOf(span.state)}
            title={`${span.state}, ${momentText(span.fromMs)} to ${momentText(span.toMs)}`}
            style={{ left: `${share(span.fromMs)}%`, width: `${share(span.toMs) - share(span.fromMs)}%` }}
          />
        ))}
      </div>
      <figcaption className={styles.legend}>
        {states.map((state) => (
          <span key={state}>
            <i data-color={colorOf(state)} aria-hidden />
            {state}
            <b>{percentOf(spans, state)}</b>
          </span>
        ))}
      </figcaption>
      <div className="visually-hidden">
        <table>
          <caption>
            {metric.title}, the last {CHART_TABLE_ROWS} changes
          </caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {spans.slice(-CHART_TABLE_ROWS).map((span) => (
              <tr key={span.fromMs}>
                <td>{momentText(span.fromMs)}</td>
                <td>{momentText(span.toMs)}</td>
                <td>{span.state}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

/** How much of the time that is known. */
function percentOf(spans: StateChart['spans'], state: string): string {
  const lengthOf = (some: StateChart['spans']): number =>
    some.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const part = (100 * lengthOf(spans.filter((span) => span.state === state))) / lengthOf(spans);
  return part > 0 && part < 1 ? '< 1%' : `${Math.round(part)}%`;
}
