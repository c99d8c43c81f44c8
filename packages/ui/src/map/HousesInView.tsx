/** The map in words, for keyboard and screen reader: the houses in view, the worst first. */
import type { Device } from '@lovely/api';
import { CloseButton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { count } from '../format/number.ts';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { HouseList } from './HouseList.tsx';
import styles from './HousesInView.module.css';
import { housesInViewQuery } from './map-queries.ts';
import { useEscape } from './use-escape.ts';

interface HousesInViewProps {
  readonly box: string;
  readonly selected: string | undefined;
  readonly onSelect: (device: Device) => void;
  readonly onClose: () => void;
}

export function HousesInView({ box, selected, onSelect, onClose }: HousesInViewProps) {
  const query = useQuery({ ...housesInViewQuery(box), placeholderData: keepPreviousData });
  useEscape(onClose);
  const houses = query.data?.items ?? [];
  const total = query.data?.total ?? 0;
  return (
    <section className={styles.list} aria-label="Houses in view">
      <header>
        <h2>Houses in view</h2>
        <b>{query.data && count(total)}</b>
        <CloseButton aria-label="Close the list" onClick={onClose} />
      </header>
      <div className={styles.scroll}>
        {query.isPending && <Waiting rows={5} />}
        {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && houses.length === 0 && <p>No house is in view. Zoom out or move the map.</p>}
        {houses.length > 0 && (
          <HouseList label="Houses in view, worst first" houses={houses} selected={selected} onSelect={onSelect} />
        )}
        {total > houses.length && houses.length > 0 && (
          <p>
            The {count(houses.length)} that need attention most, of {count(total)}. Zoom in for others.
          </p>
        )}
      </div>
    </section>
  );
}
