/** The houses of a deployment, narrowed down by a part of the bar, a group of failures or a name. */
import type { DeploymentDevice, FailureGroup } from '@lovely/api';
import { NativeSelect, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { SearchX, Server, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Filters } from '../parts/Filters.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { PercentBar } from '../parts/PercentBar.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { useRowKeys } from '../parts/use-row-keys.ts';
import { paths } from '../paths.ts';
import { deploymentDevicesQuery } from './deployment-queries.ts';
import type { DeploymentSearch } from './deployment-search.ts';
import { filterOfPart, isFinal, PART_CHOICES } from './deployment-states.ts';
import styles from './DeploymentDevices.module.css';
import { DeviceUpdateChip } from './DeviceUpdateChip.tsx';
import { causeTitle } from './failure-text.ts';

export function DeploymentDevices({
  id,
  search,
  failures,
  onLook,
}: {
  id: string;
  search: DeploymentSearch;
  failures: readonly FailureGroup[];
  onLook: (part: DeploymentSearch) => void;
}) {
  const { houses, failure, search: name } = search;
  const query = useInfiniteQuery(
    deploymentDevicesQuery(id, {
      ...filterOfPart(houses),
      ...(failure === undefined ? {} : { failure }),
      ...(name === undefined ? {} : { search: name }),
    }),
  );
  useRowKeys();
  const group = failures.find(({ key }) => key === failure);
  const isFiltered = houses !== undefined || failure !== undefined || name !== undefined;
  return (
    <section aria-label="Houses">
      <Filters>
        <SearchField
          label="Search these houses"
          value={name ?? ''}
          onChange={(text) => onLook({ search: text === '' ? undefined : text })}
        />
        <NativeSelect
          aria-label="State"
          data={[{ value: '', label: 'Any state' }, ...PART_CHOICES]}
          value={houses ?? ''}
          onChange={({ currentTarget: { value } }) => onLook({ houses: value === '' ? undefined : value })}
        />
        {failure !== undefined && (
          <UnstyledButton
            className={styles.failure}
            onClick={() => onLook({ failure: undefined })}
            aria-label="Show houses that failed for other reasons too"
          >
            {group ? causeTitle(group.code) : 'One cause'} <X size={13} aria-hidden />
          </UnstyledButton>
        )}
      </Filters>
      <ListCard
        title="Houses"
        query={query}
        items={query.data?.pages.flatMap(({ items }) => items)}
        empty={
          isFiltered ? (
            <EmptyState icon={SearchX} title="No house is like that" />
          ) : (
            <EmptyState icon={Server} title="No house yet" detail="They stand here as soon as they are gathered." />
          )
        }
      >
        {(devices) => (
          <Table label="Houses" rows={devices} rowKey={({ deviceId }) => deviceId} columns={columnsOf(id, search)} />
        )}
      </ListCard>
    </section>
  );
}

function columnsOf(id: string, search: DeploymentSearch): Column<DeploymentDevice>[] {
  return [
    {
      header: 'House',
      cell: ({ deviceId, deviceName, connected }) => (
        <>
          <Link
            {...paths.deployment(id, { ...search, house: deviceId })}
            className={rowLink}
            replace
            resetScroll={false}
          >
            {deviceName}
          </Link>
          {!connected && <div className={styles.quiet}>away</div>}
        </>
      ),
    },
    { header: 'State', cell: (device) => <DeviceUpdateChip device={device} /> },
    { header: 'What happens', cell: whatOf },
    {
      header: 'Tries',
      isWideOnly: true,
      align: 'right',
      cell: ({ attempt, beganAt }) => <span className="numeric">{beganAt === null ? '–' : attempt}</span>,
    },
    {
      header: 'Heard',
      align: 'right',
      cell: ({ finishedAt, heardAt, beganAt }) => {
        const time = finishedAt ?? heardAt ?? beganAt;
        return time !== null && <RelativeTime time={time} />;
      },
    },
  ];
}

/** What it waits for, why it failed, or how far it is; nothing where there is nothing to say. */
function whatOf({ deviceName, state, substate, waits, percent, cause }: DeploymentDevice): ReactNode {
  if (cause !== null)
    return (
      <div className={styles.what}>
        {causeTitle(cause.code)}
        {cause.message !== '' && <span className={styles.quiet}>{cause.message}</span>}
      </div>
    );
  const text = waits === '' ? substate : waits;
  const isMoving = percent !== null && !isFinal(state);
  if (!isMoving && text === '') return null;
  return (
    <div className={styles.what}>
      {isMoving && <PercentBar label={`${deviceName}, percent`} percent={percent} />}
      {text !== '' && <span className={styles.quiet}>{text}</span>}
    </div>
  );
}
