/** One incident: the same problem of many houses as one thing, its course, what they have in common, and what helps. */
import { ApiError, type IncidentDetail, type IncidentTrait } from '@lovely/api';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import { alertsQuery } from '../api.ts';
import { GroupFixes } from '../fixes/GroupFixes.tsx';
import { count, percentage, plural } from '../format/number.ts';
import { clock } from '../format/time.ts';
import { Bars } from '../parts/Bars.tsx';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Facts } from '../parts/Facts.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { incidentQuery } from './alert-queries.ts';
import { AlertActions } from './AlertActions.tsx';
import { AlertList } from './AlertList.tsx';
import { AlertStateChip } from './AlertStateChip.tsx';
import type { AlertsTab } from './alerts-search.ts';
import { CauseCard } from './CauseCard.tsx';
import { HousesMap } from './HousesMap.tsx';
import styles from './IncidentPane.module.css';

/** So much more common among these houses than among all. */
const TELLING_SHARE = 0.1;

const TRAITS: Readonly<Record<IncidentTrait['attribute'], string>> = {
  model: 'Model',
  firmware: 'Firmware',
  client: 'Client',
  network: 'Network',
  region: 'Region',
};

export function IncidentPane({ id, tab }: { id: string; tab: AlertsTab }) {
  const query = useQuery(incidentQuery(id));
  const list = useInfiniteQuery(alertsQuery({ incidentId: id }));
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.error instanceof ApiError && query.error.problem.status === 404)
    return (
      <Card isFlush>
        <EmptyState icon={SearchX} title="There is no such incident, or you may not see its houses" />
      </Card>
    );
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const incident = query.data;
  const alerts = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const isOver = incident.state === 'closed';
  return (
    <div className={styles.pane}>
      <CauseCard
        severity={incident.severity}
        chip={<AlertStateChip alert={incident} />}
        title={incident.title}
        cause={incident.cause}
        detail={isOver ? `${plural(incident.housesMax, 'house')} at most` : <Trend incident={incident} />}
        actions={
          <AlertActions
            which={[{ kind: 'incident', id }]}
            state={incident.state}
            canReopen
            sampleId={incident.alertIds[0]}
          />
        }
      >
        {!isOver && <GroupFixes rule={incident.rule} alerts={alerts} incidentId={id} />}
      </CauseCard>
      <Card title="Its course">
        <Course incident={incident} />
      </Card>
      {!isOver && (
        <HousesMap
          rule={incident.rule}
          area={
            incident.location && incident.radiusKm !== null
              ? { center: incident.location, radiusKm: incident.radiusKm }
              : null
          }
        />
      )}
      <Card title="Houses" isFlush>
        <AlertList
          alerts={alerts}
          hasDeviceNames
          linkOf={(alert) => paths.alerts({ tab, group: `incident:${id}`, alert: alert.id })}
        />
        <MoreButton query={list} />
      </Card>
    </div>
  );
}

function Trend({ incident: { houses, housesLastHour } }: { incident: IncidentDetail }) {
  return (
    <>
      <b className="numeric">{plural(houses, 'house')}</b>
      {housesLastHour > 0 && ` · +${count(housesLastHour)} in 1 h`}
    </>
  );
}

function Course({ incident }: { incident: IncidentDetail }) {
  const { series, firstAt, lastAt, housesMax, assignee } = incident;
  // What all houses have anyway tells nothing.
  const traits = incident.traits.filter(({ share, fleetShare }) => share - fleetShare >= TELLING_SHARE);
  return (
    <div className={styles.course}>
      {series.length > 1 && (
        <Bars
          label={`Houses with the problem over time, ${plural(housesMax, 'house')} at most`}
          bars={series.map(({ at, houses }) => ({ label: clock(at), value: houses }))}
        />
      )}
      {traits.length > 0 && (
        <ul className={styles.traits} aria-label="What its houses have in common">
          {traits.map(({ attribute, value, share, fleetShare }) => (
            <li key={`${attribute} ${value}`}>
              <span>
                {TRAITS[attribute]} <b>{value}</b>
              </span>
              <span>
                {percentage(share, 1)} of these houses, {percentage(fleetShare, 1)} of all
              </span>
            </li>
          ))}
        </ul>
      )}
      <Facts
        facts={[
          { name: 'Began', value: <RelativeTime time={firstAt} /> },
          { name: 'Newest', value: <RelativeTime time={lastAt} /> },
          { name: 'Houses at most', value: count(housesMax) },
          ...(incident.where === '' ? [] : [{ name: 'Where', value: incident.where }]),
          ...(assignee ? [{ name: 'Looked after by', value: assignee.name }] : []),
        ]}
      />
    </div>
  );
}
