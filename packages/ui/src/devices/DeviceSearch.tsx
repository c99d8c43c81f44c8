/** Finds one house by its name, address, serial or tag. */
import { listDevices, type Device } from '@lovely/api';
import { CloseButton, Combobox, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { DEVICE_CHOICES, TYPING_PAUSE_MS } from '../limits.ts';
import { errorText } from '../parts/error-text.ts';
import styles from './DeviceSearch.module.css';

function searchQuery(search: string) {
  return queryOptions({
    queryKey: [...keys.devices, 'search', search],
    queryFn: ({ signal }) => request(listDevices, { query: { search, limit: DEVICE_CHOICES } }, signal),
    enabled: search !== '',
    placeholderData: keepPreviousData,
  });
}

export function DeviceSearch({
  label,
  onChoose,
  isEmptiedByChoice = false,
}: {
  label: string;
  /** Undefined when the choice is taken back. */
  onChoose: (device: Device | undefined) => void;
  /** For choosing several, one after the other. */
  isEmptiedByChoice?: boolean;
}) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), TYPING_PAUSE_MS);
  const { data, error } = useQuery(searchQuery(search));
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const devices = search === '' ? [] : (data?.items ?? []);

  const choose = (id: string): void => {
    const device = devices.find((candidate) => candidate.id === id);
    if (!device) return;
    setText(isEmptiedByChoice ? '' : device.name);
    combobox.closeDropdown();
    onChoose(device);
  };

  return (
    <Combobox store={combobox} onOptionSubmit={choose}>
      <Combobox.Target>
        <TextInput
          label={label}
          placeholder="Name, address, serial, tag…"
          leftSection={<Search size={15} />}
          rightSection={
            text !== '' && (
              <CloseButton
                size="sm"
                aria-label="Clear"
                onClick={() => {
                  setText('');
                  onChoose(undefined);
                }}
              />
            )
          }
          value={text}
          error={error === null ? undefined : errorText(error)}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
            combobox.selectFirstOption();
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={search === '' || data === undefined}>
        <Combobox.Options>
          {devices.map((device) => (
            <Combobox.Option key={device.id} value={device.id}>
              <span className={styles.choice}>
                <b>{device.name}</b>
                <span>{device.address}</span>
              </span>
            </Combobox.Option>
          ))}
          {devices.length === 0 && <Combobox.Empty>No house matches</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
