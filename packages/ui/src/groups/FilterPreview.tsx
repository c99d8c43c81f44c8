import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { StateChip } from '../device/StateChip.tsx';
import { plural } from '../format/number.ts';
import { TYPING_PAUSE_MS } from '../limits.ts';
import { FormError } from '../parts/FormError.tsx';
import { filterOf, type ConditionDraft } from './filter-draft.ts';
import { filterPreviewQuery } from './group-queries.ts';
import styles from './FilterPreview.module.css';

/** How many houses a filter finds now, and some of them. */
export function FilterPreview({ drafts }: { drafts: readonly ConditionDraft[] }) {
  const [settled] = useDebouncedValue(drafts, TYPING_PAUSE_MS);
  const filter = filterOf(settled);
  const { data, error, isPlaceholderData } = useQuery(filterPreviewQuery(filter));
  if (error) return <FormError error={error} />;
  return (
    <div className={styles.preview} data-old={isPlaceholderData || undefined}>
      <output>
        {filter === undefined
          ? 'Complete the conditions to see which houses they find.'
          : data && `${plural(data.devices, 'house')} now`}
      </output>
      {filter && data && data.sample.length > 0 && (
        <ul>
          {data.sample.map((device) => (
            <li key={device.id}>
              <span>{device.name}</span> <StateChip device={device} />
            </li>
          ))}
          {data.devices > data.sample.length && (
            <li className={styles.more}>and {plural(data.devices - data.sample.length, 'more', 'more')}</li>
          )}
        </ul>
      )}
    </div>
  );
}
