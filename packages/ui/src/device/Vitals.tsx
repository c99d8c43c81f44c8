/** The last values of a gateway and its sensors. */
import { useQuery } from '@tanstack/react-query';
import {
  Activity,
  Clock,
  Cpu,
  HardDrive,
  Inbox,
  MemoryStick,
  Network,
  Thermometer,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import { deviceStatusQuery } from '../api.ts';
import { toMs } from '../format/time.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { sensorsQuery } from '../sensors/sensor-queries.ts';
import { sources, vitalGroups, type Vital, type VitalGroup } from './vitals.ts';
import styles from './Vitals.module.css';

const ICONS: Readonly<Record<string, LucideIcon>> = {
  load: Activity,
  cpu: Cpu,
  memory: MemoryStick,
  swap: MemoryStick,
  disk: HardDrive,
  temperature: Thermometer,
  network: Network,
  uptime: Clock,
  services: Workflow,
  spool: Inbox,
};

/** From here on a share is drawn as a warning, and as a problem. */
const SHARE_WARNING = 80;
const SHARE_BAD = 90;

export function Vitals({ deviceId }: { deviceId: string }) {
  const query = useQuery(deviceStatusQuery(deviceId));
  const sensors = useQuery(sensorsQuery(deviceId));
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.isError && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const { metrics } = query.data;
  if (metrics.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={Activity}
          title="No values yet"
          detail="They appear here as soon as the gateway reports its status."
        />
      </Card>
    );
  }
  // A sensor that the house told of has a place of its own.
  const isUnknown = (source: string): boolean => sensors.data?.items.every(({ id }) => id !== source) ?? false;
  const newest = Math.max(...metrics.map((metric) => toMs(metric.ts)));
  return (
    <section aria-labelledby="vitals">
      <header className={styles.header}>
        <h2 id="vitals">Vital figures</h2>
        <span>
          reported <RelativeTime time={newest} />
        </span>
      </header>
      <div className={styles.groups}>
        {vitalGroups(metrics, '').map((group) => (
          <Group key={group.key} group={group} />
        ))}
        {sources(metrics)
          .filter(isUnknown)
          .map((source) => (
            <Group
              key={source}
              group={{
                key: source,
                title: source,
                vitals: vitalGroups(metrics, source).flatMap(({ vitals }) => vitals),
              }}
            />
          ))}
      </div>
    </section>
  );
}

function Group({ group }: { group: VitalGroup }) {
  const Icon = ICONS[group.key] ?? Activity;
  return (
    <div className={styles.group}>
      <h3>
        <Icon size={15} strokeWidth={2} aria-hidden />
        {group.title}
      </h3>
      <dl>
        {group.vitals.map((vital) => (
          <Row key={vital.name} vital={vital} />
        ))}
      </dl>
    </div>
  );
}

function Row({ vital }: { vital: Vital }) {
  const { label, text, percent, detail, ts } = vital;
  return (
    <div
      className={styles.row}
      data-lone={label === '' || undefined}
      title={`${vital.name}, ${new Date(toMs(ts)).toLocaleString()}`}
    >
      <dt>{label}</dt>
      <dd>
        {text} {detail !== null && <small>{detail}</small>}
      </dd>
      {percent !== null && (
        <div className={styles.bar} aria-hidden>
          <i
            style={{ width: `${percent}%` }}
            data-level={percent >= SHARE_BAD ? 'bad' : percent >= SHARE_WARNING ? 'warn' : 'ok'}
          />
        </div>
      )}
    </div>
  );
}
