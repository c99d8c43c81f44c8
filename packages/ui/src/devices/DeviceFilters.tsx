/** The filter of the devices page. It lives in the address; this only shows and changes it. */
import type { DeviceStatus, Health } from '@lovely/api';
import { CloseButton, Kbd, NativeSelect, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Search, X } from 'lucide-react';
import { useState } from 'react';
import { summaryQuery } from '../api.ts';
import { shortCount } from '../format/number.ts';
import { TYPING_PAUSE_MS } from '../limits.ts';
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
    <search className={styles.filters}>
      <SearchField
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
    </search>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (search: string) => void }) {
  const [text, setText] = useState(value);
  const [reported, setReported] = useState(value);
  const [seen, setSeen] = useState(value);
  const report = useDebouncedCallback((search: string) => {
    setReported(search);
    onChange(search);
  }, TYPING_PAUSE_MS);
  if (value !== seen) {
    setSeen(value);
    // Changed from elsewhere, e.g. by "Clear the filter" or the back button.
    if (value !== reported) setText(value);
  }
  return (
    <TextInput
      className={styles.search}
      aria-label="Search devices"
      placeholder="Name, address, serial, tag…"
      data-filter
      leftSection={<Search size={16} />}
      rightSection={
        text === '' ? (
          <Kbd className={styles.key}>/</Kbd>
        ) : (
          <CloseButton
            size="sm"
            aria-label="Clear the search"
            onClick={() => {
              setText('');
              onChange('');
            }}
          />
        )
      }
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        report(event.currentTarget.value.trim());
      }}
    />
  );
}
