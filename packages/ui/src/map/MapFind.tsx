/** Finds towns and houses; Ctrl K from anywhere on the map. */
import type { Device, Town } from '@lovely/api';
import { Combobox, Kbd, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Building2, Search } from 'lucide-react';
import { useRef, useState } from 'react';
import { townsQuery } from '../api.ts';
import { shortCount } from '../format/number.ts';
import { TYPING_PAUSE_MS } from '../limits.ts';
import { errorText } from '../parts/error-text.ts';
import { HEALTH_LABEL } from './health-code.ts';
import { HealthMark } from './HealthMark.tsx';
import styles from './MapFind.module.css';
import { housesFoundQuery } from './map-queries.ts';

const COUNTRIES = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });
const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

interface MapFindProps {
  readonly onTown: (town: Town) => void;
  readonly onHouse: (device: Device) => void;
}

export function MapFind({ onTown, onHouse }: MapFindProps) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), TYPING_PAUSE_MS);
  const input = useRef<HTMLInputElement>(null);
  const towns = useQuery({ ...townsQuery(search), placeholderData: keepPreviousData });
  const houses = useQuery(housesFoundQuery(search));
  const townsFound = search === '' ? [] : (towns.data?.items ?? []);
  const housesFound = search === '' ? [] : (houses.data?.items ?? []);
  const error = towns.error ?? houses.error;
  const isAnswered = towns.data !== undefined && houses.data !== undefined;
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  useHotkeys([['mod+K', () => input.current?.focus()]], []);

  const choose = (value: string): void => {
    const [kind, index] = value.split(' ');
    const town = townsFound[Number(index)];
    const house = housesFound[Number(index)];
    setText('');
    combobox.closeDropdown();
    input.current?.blur();
    if (kind === 'town' && town) onTown(town);
    if (kind === 'house' && house) onHouse(house);
  };

  return (
    <search className={styles.find}>
      <Combobox store={combobox} onOptionSubmit={choose} offset={8} radius={12} shadow="md">
        <Combobox.Target>
          <TextInput
            ref={input}
            aria-label="Search houses and towns"
            placeholder="Search homes, cities, serials…"
            data-filter
            variant="unstyled"
            value={text}
            leftSection={<Search size={18} />}
            rightSection={<Kbd className={styles.key}>{IS_APPLE ? '⌘ K' : 'Ctrl K'}</Kbd>}
            rightSectionWidth={62}
            rightSectionPointerEvents="none"
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.openDropdown();
              combobox.selectFirstOption();
            }}
            onFocus={(event) => {
              event.currentTarget.select();
              combobox.openDropdown();
            }}
            onBlur={() => combobox.closeDropdown()}
            onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={search === '' || (!isAnswered && !error)}>
          <Combobox.Options className={styles.options}>
            {housesFound.length > 0 && (
              <Combobox.Group label="Houses">
                {housesFound.map((device, index) => (
                  <Combobox.Option key={device.id} value={`house ${index}`} className={styles.option}>
                    <HealthMark health={device.health} />
                    <b>{device.name}</b>
                    <span className="visually-hidden">{HEALTH_LABEL[device.health]}</span>
                    <span>{device.location === null ? 'not on the map' : device.address}</span>
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            )}
            {townsFound.length > 0 && (
              <Combobox.Group label="Towns">
                {townsFound.map((town, index) => (
                  <Combobox.Option
                    key={`${town.latitude},${town.longitude},${town.name}`}
                    value={`town ${index}`}
                    className={styles.option}
                  >
                    <Building2 size={14} aria-hidden />
                    <b>{town.name}</b>
                    <span>{COUNTRIES.of(town.country) ?? town.country}</span>
                    <small>{town.population > 0 ? shortCount(town.population) : ''}</small>
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            )}
            {townsFound.length + housesFound.length === 0 && (
              <Combobox.Empty>{error ? errorText(error) : 'No house and no town of that name'}</Combobox.Empty>
            )}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </search>
  );
}
