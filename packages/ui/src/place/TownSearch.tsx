/** Finds a town by name; the server knows those of the whole world, with or without the internet. */
import type { Town } from '@lovely/api';
import { Combobox, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { townsQuery } from '../api.ts';
import { shortCount } from '../format/number.ts';
import { TYPING_PAUSE_MS } from '../limits.ts';
import { errorText } from '../parts/error-text.ts';
import styles from './TownSearch.module.css';

const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });

export function TownSearch({ onChoose }: { onChoose: (town: Town) => void }) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), TYPING_PAUSE_MS);
  const { data, error } = useQuery({ ...townsQuery(search), placeholderData: keepPreviousData });
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const towns = search === '' ? [] : (data?.items ?? []);

  const choose = (index: string): void => {
    const town = towns[Number(index)];
    if (!town) return;
    setText(`${town.name}, ${countryName(town.country)}`);
    combobox.closeDropdown();
    onChoose(town);
  };

  return (
    <Combobox store={combobox} onOptionSubmit={choose}>
      <Combobox.Target>
        <TextInput
          label="Town"
          placeholder="Type a town"
          leftSection={<Search size={15} />}
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
          {towns.map((town, index) => (
            <Combobox.Option key={`${town.latitude},${town.longitude},${town.name}`} value={String(index)}>
              <span className={styles.town}>
                <b>{town.name}</b>
                <span>{countryName(town.country)}</span>
                {town.population > 0 && <small>{shortCount(town.population)}</small>}
              </span>
            </Combobox.Option>
          ))}
          {towns.length === 0 && <Combobox.Empty>No town of that name</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function countryName(code: string): string {
  return /^[A-Za-z]{2}$/.test(code) ? (countries.of(code.toUpperCase()) ?? code) : code;
}
