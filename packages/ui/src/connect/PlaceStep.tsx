import type { Place } from '@lovely/api';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useDevicePatch } from '../device/device-patch.ts';
import { FormError } from '../parts/FormError.tsx';
import { PlaceForm } from '../place/PlaceForm.tsx';
import styles from './PlaceStep.module.css';

/** Where does this home stand? */
export function PlaceStep({ deviceId }: { deviceId: string }) {
  const [place, setPlace] = useState<Place | null>(null);
  const patch = useDevicePatch(deviceId);
  return (
    <div className={styles.step}>
      <p>Where does it stand? Type its town, or click on the map.</p>
      <PlaceForm value={place} onChange={setPlace} />
      <FormError error={patch.error} />
      <Button disabled={place === null} loading={patch.isPending} onClick={() => patch.mutate({ location: place })}>
        Put it on the map
      </Button>
    </div>
  );
}
