import { UnstyledButton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { deviceQuery } from '../api.ts';
import { DeviceSearch } from '../devices/DeviceSearch.tsx';
import { FilterBuilder } from '../groups/FilterBuilder.tsx';
import { GroupSelect } from '../groups/GroupSelect.tsx';
import { CHOSEN_HOUSES_MAX } from '../limits.ts';
import { ChoiceCards, type Choice } from '../parts/ChoiceCards.tsx';
import { FormError } from '../parts/FormError.tsx';
import type { TargetKind } from './deployment-search.ts';
import { targetOf, type Draft } from './draft.ts';
import { DryRun, type Preview } from './DryRun.tsx';
import styles from './HousesStep.module.css';

const KINDS: readonly Choice<TargetKind>[] = [
  { value: 'all', title: 'All houses', detail: 'that you may roll out to' },
  { value: 'group', title: 'A group', detail: 'by hand or by filter' },
  { value: 'filter', title: 'A filter', detail: 'written here' },
  { value: 'devices', title: 'Some houses', detail: 'chosen one by one' },
];

export function HousesStep({
  draft,
  onChange,
  preview: { data, error, isPlaceholderData },
}: {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  preview: { data: Preview | undefined; error: unknown; isPlaceholderData: boolean };
}) {
  return (
    <div className={styles.step}>
      <ChoiceCards label="Which houses" choices={KINDS} value={draft.to} onChange={(to) => onChange({ to })} />
      {draft.to === 'group' && (
        <GroupSelect
          label="Group"
          noneLabel="Choose a group"
          value={draft.groupId ?? null}
          onChange={(groupId) => onChange({ groupId: groupId ?? undefined })}
        />
      )}
      {draft.to === 'filter' && (
        <FilterBuilder value={draft.conditions} onChange={(conditions) => onChange({ conditions })} />
      )}
      {draft.to === 'devices' && (
        <ChosenHouses ids={draft.deviceIds} onChange={(deviceIds) => onChange({ deviceIds })} />
      )}
      {targetOf(draft) !== undefined && (
        <>
          <FormError error={error} />
          {data && <DryRun preview={data} isOld={isPlaceholderData} />}
        </>
      )}
    </div>
  );
}

function ChosenHouses({ ids, onChange }: { ids: readonly string[]; onChange: (ids: string[]) => void }) {
  const houses = useQueries({ queries: ids.map((id) => deviceQuery(id)) });
  const isFull = ids.length >= CHOSEN_HOUSES_MAX;
  return (
    <div className={styles.chosen}>
      {isFull ? (
        <p className={styles.hint}>These are {CHOSEN_HOUSES_MAX}. For more, put them in a group.</p>
      ) : (
        <DeviceSearch
          label="Add a house"
          isEmptiedByChoice
          onChoose={(device) => device && !ids.includes(device.id) && onChange([...ids, device.id])}
        />
      )}
      <ul aria-label="Chosen houses">
        {ids.map((id, index) => {
          const name = houses[index]?.data?.name ?? '…';
          return (
            <li key={id}>
              {name}
              <UnstyledButton
                aria-label={`Take ${name} away`}
                onClick={() => onChange(ids.filter((other) => other !== id))}
              >
                <X size={13} aria-hidden />
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
