import { addGroupDevices, removeGroupDevices, type Device, type Group } from '@lovely/api';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Router as Gateway } from 'lucide-react';
import { devicesQuery, keys, request } from '../api.ts';
import { DEVICE_COLUMNS } from '../devices/device-columns.tsx';
import { DeviceSearch } from '../devices/DeviceSearch.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { GROUPS_KEY } from './group-queries.ts';
import styles from './GroupPage.module.css';

/** The houses of a group; into one that is filled by hand, houses are added here and taken out again. */
export function GroupDevices({ group, mayWrite }: { group: Group; mayWrite: boolean }) {
  const query = useInfiniteQuery(devicesQuery({ group: group.id }));
  const params = { id: group.id };
  const outdated = [GROUPS_KEY, keys.devices];
  const add = useChange((device: Device) => request(addGroupDevices, { params, body: { deviceIds: [device.id] } }), {
    outdated,
    done: (_, device) => `${device.name} is in ${group.name}.`,
  });
  const remove = useChange(
    (device: Device) => request(removeGroupDevices, { params, body: { deviceIds: [device.id] } }),
    { outdated, done: (_, device) => `${device.name} is out of ${group.name}.` },
  );
  const isByHand = group.kind === 'static' && mayWrite;
  const columns: Column<Device>[] = isByHand
    ? [
        ...DEVICE_COLUMNS,
        {
          header: '',
          align: 'right',
          cell: (device) => (
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={`Take ${device.name} out of the group`}
              onClick={() =>
                remove.mutate(device, { onError: (error) => void toastError(`${device.name} stays`, error) })
              }
            >
              Take out
            </Button>
          ),
        },
      ]
    : DEVICE_COLUMNS;
  return (
    <>
      {isByHand && (
        <div className={styles.add}>
          <DeviceSearch
            label="Add a house"
            isEmptiedByChoice
            onChoose={(device) =>
              device &&
              add.mutate(device, { onError: (error) => void toastError(`${device.name} was not added`, error) })
            }
          />
        </div>
      )}
      <ListCard
        query={query}
        items={query.data?.pages.flatMap(({ items }) => items)}
        empty={
          <EmptyState
            icon={Gateway}
            title="No house in this group"
            {...(isByHand ? { detail: 'Search for one above, or select houses in the list of devices.' } : {})}
          />
        }
      >
        {(devices) => (
          <Table label={`Houses of ${group.name}`} rows={devices} rowKey={({ id }) => id} columns={columns} />
        )}
      </ListCard>
    </>
  );
}
