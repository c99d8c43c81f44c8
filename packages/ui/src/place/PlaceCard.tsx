/** Where a house stands, and the way to change that. */
import type { Place } from '@lovely/api';
import { Button } from '@mantine/core';
import { MapPin } from 'lucide-react';
import { useState } from 'react';
import { useDevicePatch } from '../device/device-patch.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { toast } from '../parts/toast.ts';
import { LinkButton } from '../parts/LinkButton.tsx';
import { paths } from '../paths.ts';
import { writeCoordinates } from './coordinates.ts';
import { PlaceForm } from './PlaceForm.tsx';
import styles from './PlaceCard.module.css';

interface PlaceCardProps {
  readonly deviceId: string;
  readonly location: Place | null;
}

export function PlaceCard(props: PlaceCardProps) {
  const may = useMay();
  return (
    <Card title="Place on the map" aside={<MapPin size={16} aria-hidden className={styles.icon} />}>
      {may('device.write') ? <ChangePlace {...props} /> : <ShownPlace {...props} />}
    </Card>
  );
}

function ShownPlace({ deviceId, location }: PlaceCardProps) {
  if (location === null) return <p className={styles.hint}>Not on the map yet.</p>;
  return (
    <div className={styles.shown}>
      <span className="numeric">{writeCoordinates(location)}</span>
      <LinkButton {...paths.house(deviceId)} variant="default" size="xs">
        Show on the map
      </LinkButton>
    </div>
  );
}

function ChangePlace({ deviceId, location }: PlaceCardProps) {
  const patch = useDevicePatch(deviceId);
  const [draft, setDraft] = useState<Place>();
  const save = (place: Place | null): void =>
    patch.mutate(
      { location: place },
      {
        onSuccess: () => {
          setDraft(undefined);
          void toast(place ? 'The house is on the map.' : 'The house is off the map.');
        },
      },
    );
  return (
    <>
      {location === null && !draft && (
        <p className={styles.hint}>Not on the map yet. Type its town, or click where it stands.</p>
      )}
      <PlaceForm value={draft ?? location} onChange={setDraft} />
      <FormError error={patch.error} />
      {(draft || location) && (
        <div className={styles.actions}>
          {draft && (
            <>
              <Button onClick={() => save(draft)} loading={patch.isPending}>
                Save place
              </Button>
              <Button variant="default" onClick={() => setDraft(undefined)}>
                Cancel
              </Button>
            </>
          )}
          {!draft && (
            <Button variant="default" size="xs" onClick={() => save(null)} loading={patch.isPending}>
              Take off the map
            </Button>
          )}
        </div>
      )}
    </>
  );
}
