/** The houses that stand at one spot, to choose one from. */
import { CloseButton } from '@mantine/core';
import { useClickOutside } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { plural } from '../format/number.ts';
import { Waiting } from '../parts/Waiting.tsx';
import type { Pick } from './fleet-map.ts';
import { HouseList } from './HouseList.tsx';
import { housesInViewQuery } from './map-queries.ts';
import styles from './SpotList.module.css';
import { useEscape } from './use-escape.ts';
import { boxOf } from './visible-tiles.ts';

interface SpotListProps {
  readonly spot: Extract<Pick, { kind: 'spot' }>;
  readonly onSelect: (id: string) => void;
  readonly onClose: () => void;
}

export function SpotList({ spot, onSelect, onClose }: SpotListProps) {
  const { data } = useQuery(housesInViewQuery(boxOf(spot.bounds)));
  const card = useClickOutside<HTMLElement>(onClose);
  useEscape(onClose);
  const [only, ...others] = data?.items ?? [];
  useEffect(() => {
    // A mark that stood for a single house after all.
    if (only && others.length === 0) onSelect(only.id);
  }, [only, others.length, onSelect]);
  useEffect(() => {
    card.current?.querySelector('button')?.focus({ preventScroll: true });
  }, [card, data]);
  return (
    <section
      ref={card}
      className={styles.spot}
      aria-label="Houses at this spot"
      style={{ left: `min(${spot.x}px, 100% - 330px)`, top: `min(${spot.y}px, 100% - 300px)` }}
    >
      <header>
        <h2>{data ? `${plural(data.total, 'house')} here` : 'Houses here'}</h2>
        <CloseButton size="sm" aria-label="Close" onClick={onClose} />
      </header>
      <div className={styles.scroll}>
        {data ? (
          <HouseList
            label="Houses at this spot"
            houses={data.items}
            selected={undefined}
            onSelect={(device) => onSelect(device.id)}
          />
        ) : (
          <Waiting rows={2} />
        )}
      </div>
    </section>
  );
}
