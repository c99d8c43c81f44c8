/** Chooses a place on the map: by the name of a town, by coordinates, or by a click. */
import type { Place } from '@lovely/api';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { readCoordinates, writeCoordinates } from './coordinates.ts';
import { PlaceMap } from './PlaceMap.tsx';
import { TownSearch } from './TownSearch.tsx';
import styles from './PlaceForm.module.css';

export function PlaceForm({ value, onChange }: { value: Place | null; onChange: (place: Place) => void }) {
  return (
    <div className={styles.form}>
      <TownSearch onChoose={({ latitude, longitude }) => onChange({ latitude, longitude })} />
      <PlaceMap value={value} onChange={onChange} />
      <CoordinatesField key={value === null ? '' : writeCoordinates(value)} value={value} onChange={onChange} />
    </div>
  );
}

function CoordinatesField({ value, onChange }: { value: Place | null; onChange: (place: Place) => void }) {
  const before = value === null ? '' : writeCoordinates(value);
  const [text, setText] = useState(before);
  const place = readCoordinates(text);
  const commit = (): void => {
    if (place && text !== before) onChange(place);
  };
  return (
    <TextInput
      label="Coordinates"
      placeholder="45.4643, 9.1895"
      value={text}
      error={text !== '' && !place && 'Latitude, longitude, in degrees'}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
