/** How the figures of a house and its sensors went: one chart a figure, one time for all. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ChartLine } from 'lucide-react';
import { useMemo } from 'react';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { TimeChart } from '../parts/TimeChart.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { chartsOf, type Chart } from './chart-data.ts';
import { ChartsBar } from './ChartsBar.tsx';
import { RANGE_MS_MIN, rangeOf, type ChartsSearch } from './charts-search.ts';
import { historyQuery } from './history-query.ts';
import { marksOf, metricText } from './metric-text.ts';
import { StateStrip } from './StateStrip.tsx';
import { useLiveSamples } from './use-live-samples.ts';
import styles from './ChartsTab.module.css';

const route = getRouteApi('/app/devices/$id/charts');

export function ChartsTab() {
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = rangeOf(search);
  const source = search.source ?? '';
  const query = useQuery(historyQuery(id, source, range));
  const samples = useLiveSamples(id, source);
  // A range of one's own only takes what was so before it began.
  const beforeMs = range.kind === 'own' ? range.fromMs : Infinity;
  const live = useMemo(() => samples.filter(({ tsMs }) => tsMs < beforeMs), [samples, beforeMs]);
  const charts = useMemo(() => (query.data ? chartsOf(query.data, live) : []), [query.data, live]);
  const change = (next: Partial<ChartsSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: next.source === undefined });
  const zoom = (fromMs: number, toMs: number): void => {
    if (toMs - fromMs >= RANGE_MS_MIN) void navigate({ search: (before) => ({ ...before, from: fromMs, to: toMs }) });
  };
  return (
    <div className={styles.tab}>
      <ChartsBar deviceId={id} search={search} history={query.data} onChange={change} />
      {query.isPending && <Waiting rows={2} rowHeight={240} />}
      {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && charts.length === 0 && (
        <Card>
          <EmptyState
            icon={ChartLine}
            title="Nothing in this time"
            detail="No value was reported, or it is so long ago that it is not kept any more."
          />
        </Card>
      )}
      {query.data && (
        <div className={styles.charts} data-old={query.isPlaceholderData || undefined}>
          {charts.map((chart) => (
            <Card key={`${source} ${chart.key} ${chart.kind}`} title={titleOf(chart)}>
              <Drawing
                chart={chart}
                fromMs={Date.parse(query.data.from)}
                toMs={Math.max(Date.parse(query.data.to), live.at(-1)?.tsMs ?? 0)}
                onZoom={zoom}
              />
            </Card>
          ))}
        </div>
      )}
    </div>
  );
}

interface DrawingProps {
  readonly chart: Chart;
  readonly fromMs: number;
  readonly toMs: number;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

function Drawing({ chart, fromMs, toMs, onZoom }: DrawingProps) {
  if (chart.kind === 'state') return <StateStrip chart={chart} fromMs={fromMs} toMs={toMs} />;
  const { metric, isRate } = chart;
  return (
    <TimeChart
      label={titleOf(chart)}
      times={chart.times}
      lines={chart.lines}
      fromMs={fromMs}
      toMs={toMs}
      text={(value) => metricText(value, metric.unit, isRate)}
      marks={marksOf(metric.unit)}
      good={isRate ? undefined : metric.good}
      axis={metric.axis}
      onZoom={onZoom}
    />
  );
}

function titleOf(chart: Chart): string {
  return chart.kind === 'number' && chart.isRate ? `${chart.metric.title} per second` : chart.metric.title;
}
