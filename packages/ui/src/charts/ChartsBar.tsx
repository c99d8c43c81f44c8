/** Which time and which source the charts show. */
import type { History } from '@lovely/api';
import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ZoomOut } from 'lucide-react';
import { deviceStatusQuery } from '../api.ts';
import { sources as sourcesOf } from '../device/vitals.ts';
import { sensorsQuery } from '../sensors/sensor-queries.ts';
import { rangeOf, RANGES, RANGE_MS_MIN, type ChartsSearch, type RangeName } from './charts-search.ts';
import styles from './ChartsBar.module.css';

const OWN = 'own';

export function ChartsBar({
  deviceId,
  search,
  history,
  onChange,
}: {
  deviceId: string;
  search: ChartsSearch;
  history: History | undefined;
  onChange: (next: Partial<ChartsSearch>) => void;
}) {
  const range = rangeOf(search);
  const sources = useSources(deviceId);
  const names = Object.keys(RANGES) as RangeName[];
  const shown = history && { fromMs: Date.parse(history.from), toMs: Date.parse(history.to) };
  const choose = (value: string): void => {
    if (value !== OWN) onChange({ range: value as RangeName, from: undefined, to: undefined });
    else if (shown) onChange({ from: shown.fromMs, to: shown.toMs });
  };
  return (
    <div className={styles.bar}>
      <SegmentedControl
        aria-label="Time"
        size="sm"
        value={range.kind === 'own' ? OWN : range.name}
        onChange={choose}
        data={[...names.map((value) => ({ value, label: RANGES[value].label })), { value: OWN, label: 'Own' }]}
      />
      {range.kind === 'own' && (
        <>
          <Moment
            label="From"
            ms={range.fromMs}
            onPick={(from) => range.toMs - from >= RANGE_MS_MIN && onChange({ from })}
          />
          <Moment label="To" ms={range.toMs} onPick={(to) => to - range.fromMs >= RANGE_MS_MIN && onChange({ to })} />
          <Button
            variant="default"
            size="sm"
            leftSection={<ZoomOut size={15} aria-hidden />}
            onClick={() => onChange({ from: undefined, to: undefined })}
          >
            Reset zoom
          </Button>
        </>
      )}
      <span className={styles.made}>{history && MADE_OF[history.resolution]}</span>
      {sources.length > 1 && (
        <NativeSelect
          aria-label="Of"
          size="sm"
          value={search.source ?? ''}
          onChange={(event) =>
            onChange({ source: event.currentTarget.value === '' ? undefined : event.currentTarget.value })
          }
          data={sources}
        />
      )}
    </div>
  );
}

const MADE_OF: { readonly [resolution in History['resolution']]: string } = {
  raw: 'every report',
  '5min': '5 minutes a point',
  '1h': 'an hour a point',
};

/** The gateway, sensors by name, and what reported without having been told of. */
function useSources(deviceId: string): { value: string; label: string }[] {
  const { data: status } = useQuery(deviceStatusQuery(deviceId));
  const { data: sensors } = useQuery(sensorsQuery(deviceId));
  const known = new Map(sensors?.items.map((sensor) => [sensor.id, sensor.name === '' ? sensor.id : sensor.name]));
  for (const id of sourcesOf(status?.metrics ?? [])) if (!known.has(id)) known.set(id, id);
  return [{ value: '', label: 'Gateway' }, ...[...known].map(([value, label]) => ({ value, label }))];
}

function Moment({ label, ms, onPick }: { label: string; ms: number; onPick: (ms: number) => void }) {
  return (
    <TextInput
      key={ms}
      aria-label={label}
      type="datetime-local"
      size="sm"
      defaultValue={localText(ms)}
      onBlur={(event) => {
        const picked = new Date(event.currentTarget.value).getTime();
        if (Number.isFinite(picked) && localText(picked) !== localText(ms)) onPick(picked);
      }}
    />
  );
}

/** As the field of a browser has it: the local time without a zone. */
function localText(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
