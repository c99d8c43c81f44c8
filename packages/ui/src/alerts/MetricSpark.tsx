/** How the value behind an alert went in the last hours; nothing where there is none or nothing is kept of it. */
import { describeMetric, getDeviceHistory, type Alert, type HistorySeries } from '@lovely/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { deviceStatusQuery, keys, request } from '../api.ts';
import { vitalOf } from '../device/vitals.ts';
import { Sparkline } from '../parts/Sparkline.tsx';
import { rulesQuery } from '../rules/rule-queries.ts';
import { alertMetric, type AlertMetric } from './alert-metric.ts';
import styles from './MetricSpark.module.css';

const SPAN_MS = 6 * 3_600_000;
const POINTS = 60;

function sparkQuery(deviceId: string, metric: AlertMetric | undefined) {
  return queryOptions({
    queryKey: [...keys.device(deviceId), 'spark', metric],
    queryFn: ({ signal }) => {
      const now = Date.now();
      return request(
        getDeviceHistory,
        {
          params: { id: deviceId },
          query: {
            source: metric?.source ?? '',
            metrics: metric?.name ?? '',
            from: new Date(now - SPAN_MS).toISOString(),
            to: new Date(now).toISOString(),
            points: POINTS,
          },
        },
        signal,
      );
    },
    enabled: metric !== undefined,
  });
}

export function MetricSpark({ alert }: { alert: Alert }) {
  const { data: rules } = useQuery(rulesQuery);
  const rule = rules?.items.find(({ key }) => key === alert.rule);
  const metric = rule && alertMetric(alert, rule);
  const { data } = useQuery(sparkQuery(alert.deviceId, metric));
  const series = data?.series.find((one) => one.metric === metric?.name);
  // The newest means are minutes old: what the house says now stands at their end.
  const { data: status } = useQuery({
    ...deviceStatusQuery(alert.deviceId),
    enabled: metric !== undefined && alert.closedAt === null,
  });
  const now = status?.metrics.find(({ source, name }) => source === metric?.source && name === metric.name)?.value;
  const values = [...(series ? means(series) : []), ...(typeof now === 'number' ? [now] : [])];
  const last = values.findLast((value) => value !== null);
  if (!metric || last === undefined || last === null || values.length < 2) return null;
  const { title, axis } = describeMetric(metric.name);
  const { text } = vitalOf({ name: metric.name, value: last, ts: '' });
  return (
    <figure className={styles.spark}>
      <figcaption>
        {title}, last 6 hours <b>{text}</b>
      </figcaption>
      <Sparkline label={`${title} in the last 6 hours, now ${text}`} values={values} min={axis?.min} max={axis?.max} />
    </figure>
  );
}

function means(series: HistorySeries): readonly (number | null)[] {
  return series.kind === 'number' ? series.mean : [];
}
