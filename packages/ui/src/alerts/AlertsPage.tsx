/** The inbox: what is wrong in the fleet by cause, and everything about what is chosen. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { CircleCheckBig, Clock, Eye, History, Rocket, UserRound, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { alertsQuery, fleetQuery, summaryQuery } from '../api.ts';
import { plural } from '../format/number.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { TwoPanes } from '../parts/TwoPanes.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { rulesQuery } from '../rules/rule-queries.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { useAct, type Which } from './act.ts';
import { alertFacetsQuery, incidentsQuery } from './alert-queries.ts';
import { AlertActions } from './AlertActions.tsx';
import { AlertPane } from './AlertPane.tsx';
import styles from './AlertsPage.module.css';
import { stateOfTab, type AlertsTab } from './alerts-search.ts';
import { GroupRow } from './GroupRow.tsx';
import { countByRule, inboxGroups, type InboxGroup } from './inbox-groups.ts';
import { IncidentPane } from './IncidentPane.tsx';
import { RulePane } from './RulePane.tsx';
import { useInboxKeys } from './use-inbox-keys.ts';

const route = getRouteApi('/app/alerts');

export function AlertsPage() {
  const { tab, group: asked, alert } = route.useSearch();
  const navigate = useNavigate();
  const inbox = useInbox(tab);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const act = useAct();
  // What was dealt with leaves the tab: the next one takes its place.
  const group = inbox.isGone(asked) ? undefined : asked;
  // Where there is room for both panes, the first group is looked at until another is chosen.
  const chosen = group ?? (alert === undefined ? inbox.groups[0]?.id : undefined);
  const tickedGroups = inbox.groups.filter(({ id }) => ticked.has(id));
  const choose = (id: string): void => void navigate({ ...paths.alerts({ tab, group: id }), replace: true });
  const toggle = (id: string): void => {
    const next = new Set(ticked);
    if (!next.delete(id)) next.add(id);
    setTicked(next);
  };
  useInboxKeys({
    ids: inbox.groups.map(({ id }) => id),
    chosen,
    onChoose: choose,
    onTick: toggle,
    onResolve: () => {
      const which: Which[] =
        tickedGroups.length > 0
          ? tickedGroups.map(({ id }) => whichOf(id, tab))
          : alert !== undefined
            ? [{ kind: 'alerts', ids: [alert] }]
            : chosen === undefined
              ? []
              : [whichOf(chosen, tab)];
      if (which.length === 0 || tab === 'closed') return;
      act.mutate({ which, action: { kind: 'resolve', reason: '' } }, { onSuccess: () => setTicked(new Set()) });
    },
  });
  return (
    <Page>
      <InboxHeader tab={tab} />
      {inbox.isPending && (
        <Card isFlush>
          <Waiting rows={6} />
        </Card>
      )}
      {inbox.error !== null && !inbox.isPending && inbox.groups.length === 0 && (
        <ErrorState error={inbox.error} onRetry={inbox.refetch} />
      )}
      {!inbox.isPending && inbox.error === null && inbox.groups.length === 0 && alert === undefined && (
        <Card isFlush>
          <NothingHere tab={tab} />
        </Card>
      )}
      {!inbox.isPending && (inbox.groups.length > 0 || alert !== undefined) && (
        <TwoPanes
          isChosen={group !== undefined || alert !== undefined}
          back={
            alert !== undefined && group !== undefined
              ? { label: 'Back', link: paths.alerts({ tab, group }) }
              : { label: 'All problems', link: paths.alerts({ tab }) }
          }
          list={
            <nav className={styles.groups} aria-label="Problems">
              {inbox.groups.map((row) => (
                <GroupRow
                  key={row.id}
                  group={row}
                  link={paths.alerts({ tab, group: row.id })}
                  isChosen={row.id === chosen}
                  isTicked={ticked.has(row.id)}
                  onTick={() => toggle(row.id)}
                />
              ))}
              <MoreButton query={inbox.incidents} />
            </nav>
          }
        >
          {tickedGroups.length > 0 && (
            <section className={styles.ticked} aria-label="Ticked problems">
              <output>{plural(tickedGroups.length, 'problem')} ticked</output>
              <AlertActions
                which={tickedGroups.map(({ id }) => whichOf(id, tab))}
                state={stateOfTab(tab)}
                sampleId={undefined}
                onResolved={() => setTicked(new Set())}
              />
            </section>
          )}
          <Chosen key={alert ?? chosen} tab={tab} group={chosen} alert={alert} />
        </TwoPanes>
      )}
    </Page>
  );
}

function Chosen({ tab, group, alert }: { tab: AlertsTab; group: string | undefined; alert: string | undefined }) {
  if (alert !== undefined) return <AlertPane id={alert} group={group} tab={tab} />;
  if (group === undefined) return null;
  const { kind, key } = groupOf(group);
  return kind === 'incident' ? <IncidentPane id={key} tab={tab} /> : <RulePane rule={key} tab={tab} />;
}

/** The rows of a tab. What somebody looks after is counted here, everything else by the server. */
function useInbox(tab: AlertsTab) {
  const state = stateOfTab(tab);
  const isMine = tab === 'mine';
  const incidents = useInfiniteQuery({ ...incidentsQuery(state), enabled: !isMine });
  const facets = useQuery({ ...alertFacetsQuery(state), enabled: !isMine });
  const mine = useInfiniteQuery({ ...alertsQuery({ state, assignee: 'me' }), enabled: isMine });
  const rules = useQuery(rulesQuery);
  const counts = isMine
    ? countByRule(mine.data?.pages.flatMap(({ items }) => items) ?? [])
    : (facets.data?.rules ?? []);
  const groups: InboxGroup[] = inboxGroups(
    isMine ? [] : (incidents.data?.pages.flatMap(({ items }) => items) ?? []),
    counts,
    rules.data?.items ?? [],
  );
  const main = isMine ? mine : facets;
  return {
    groups,
    incidents,
    isPending: main.isPending || rules.isPending,
    error: main.error,
    refetch: () => void main.refetch(),
    /** Whether a group was in this tab and is not any more, as far as everything is loaded. */
    isGone: (id: string | undefined): boolean =>
      groups.length > 0 &&
      !incidents.isPending &&
      !incidents.hasNextPage &&
      !rules.isPending &&
      groups.every((group) => group.id !== id),
  };
}

function InboxHeader({ tab }: { tab: AlertsTab }) {
  const { data: summary } = useQuery(summaryQuery);
  const { data: facets } = useQuery(alertFacetsQuery(stateOfTab(tab)));
  // What is chosen in a tab stands in the address too.
  const to = (other: AlertsTab) => ({ link: paths.alerts({ tab: other }), isOn: other === tab });
  return (
    <>
      <PageHeader
        title="Alerts"
        detail={summary && (summary.alerts === 0 ? 'Nothing is wrong' : plural(summary.alerts, 'open problem'))}
        actions={
          <LinkButton {...paths.rollouts()} variant="default" leftSection={<Rocket size={16} />}>
            Rollouts
          </LinkButton>
        }
      />
      <Tabs
        label="Alerts"
        tabs={[
          { label: 'Open', ...to(undefined), count: facets?.counts.open },
          { label: 'Acknowledged', ...to('acknowledged'), count: facets?.counts.acknowledged },
          { label: 'Snoozed', ...to('snoozed'), count: facets?.counts.snoozed },
          { label: 'Mine', ...to('mine'), count: facets?.counts.mine },
          { label: 'Closed', ...to('closed') },
        ]}
      />
    </>
  );
}

const EMPTY: Readonly<Record<NonNullable<AlertsTab>, { icon: LucideIcon; title: string; detail?: string }>> = {
  acknowledged: {
    icon: Eye,
    title: 'Nothing is acknowledged',
    detail: 'Acknowledge what you have seen, so that others know.',
  },
  snoozed: { icon: Clock, title: 'Nothing is snoozed', detail: 'What can wait is left aside until then.' },
  mine: { icon: UserRound, title: 'You look after nothing now', detail: 'Alerts that are assigned to you stand here.' },
  closed: { icon: History, title: 'No problem has been solved yet' },
};

function NothingHere({ tab }: { tab: AlertsTab }) {
  return tab === undefined ? <AllFine /> : <EmptyState {...EMPTY[tab]} />;
}

function AllFine() {
  const { data: fleet } = useQuery(fleetQuery);
  const { data: facets } = useQuery(alertFacetsQuery('open'));
  const closed = useInfiniteQuery(alertsQuery({ state: 'closed' }));
  const [last] = closed.data?.pages.flatMap(({ items }) => items) ?? [];
  const waiting = (facets?.counts.acknowledged ?? 0) + (facets?.counts.snoozed ?? 0);
  return (
    <EmptyState
      icon={CircleCheckBig}
      tone="ok"
      title={
        waiting > 0
          ? 'Nothing new'
          : fleet && fleet.devices > 0
            ? `${fleet.devices === 1 ? 'Your house is' : `All ${plural(fleet.devices, 'house')} are`} fine`
            : 'Nothing is wrong'
      }
      detail={
        <>
          Problems appear here the moment a gateway reports them or falls silent.
          {last?.closedAt && (
            <>
              {' '}
              The last was “{last.title}” on {last.deviceName}, over <RelativeTime time={last.closedAt} />.
            </>
          )}
        </>
      }
    />
  );
}

function groupOf(id: string): { kind: 'incident' | 'rule'; key: string } {
  const at = id.indexOf(':');
  return { kind: id.slice(0, at) === 'incident' ? 'incident' : 'rule', key: id.slice(at + 1) };
}

function whichOf(group: string, tab: AlertsTab): Which {
  const { kind, key } = groupOf(group);
  return kind === 'incident' ? { kind, id: key } : { kind, rule: key, state: stateOfTab(tab) };
}
