/** The filter of the devices page. It lives in the address; this only shows and changes it. */
import type { DeviceStatus, Health } from '@lovely/api';
import { NativeSelect, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { summaryQuery } from '../api.ts';
import { shortCount } from '../format/number.ts';
import { Filters } from '../parts/Filters.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { paths, type DeviceFilter } from '../paths.ts';
import styles from './DeviceFilters.module.css';

const HEALTHS: readonly { value: Health; label: string }[] = [
  { value: 'ok', label: 'Healthy' },
  { value: 'warning', label: 'Warning' },
  { value: 'critical', label: 'Critical' },
  { value: 'offline', label: 'Offline' },
];

const STATUSES: readonly { value: DeviceStatus | ''; label: string }[] = [
  { value: '', label: 'Any status' },
  { value: 'accepted', label: 'Accepted' },
  { value: 'pending', label: 'Pending' },
  { value: 'rejected', label: 'Rejected' },
];

export function DeviceFilters({ filter }: { filter: DeviceFilter }) {
  const navigate = useNavigate();
  const { data: summary } = useQuery(summaryQuery);
  const change = (part: DeviceFilter): void =>
    void navigate({ ...paths.devices({ ...filter, ...part }), replace: true });
  return (
    <Filters>
      <SearchField
        label="Search devices"
        placeholder="Name, address, serial, tag…"
        value={filter.search ?? ''}
        onChange={(search) => change({ search: search === '' ? undefined : search })}
      />
      <fieldset className={styles.healths} aria-label="Health">
        {HEALTHS.map(({ value, label }) => {
          const isOn = filter.health === value;
          return (
            <UnstyledButton
              key={value}
              className={styles.health}
              data-health={value}
              aria-pressed={isOn}
              onClick={() => change({ health: isOn ? undefined : value })}
            >
              <i aria-hidden />
              {label}
              {summary && <b>{shortCount(summary[value])}</b>}
            </UnstyledButton>
          );
        })}
      </fieldset>
      <NativeSelect
        aria-label="Status"
        data={[...STATUSES]}
        value={filter.status ?? ''}
        onChange={(event) =>
          change({ status: event.currentTarget.value === '' ? undefined : (event.currentTarget.value as DeviceStatus) })
        }
      />
      {filter.rule !== undefined && (
        <UnstyledButton
          className={styles.rule}
          onClick={() => change({ rule: undefined })}
          aria-label={`Remove the filter on alert ${filter.rule}`}
        >
          Alert: {filter.rule} <X size={13} aria-hidden />
        </UnstyledButton>
      )}
    </Filters>
  );
}
