/** Runs a fix on all houses with the same problem: shows on how many, in which phases, and asks. */
import { createFixRollout, type Fix, type FixRolloutTarget } from '@lovely/api';
import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { count, plural } from '../format/number.ts';
import { GroupSelect } from '../groups/GroupSelect.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { FormError } from '../parts/FormError.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { rolloutPreviewQuery } from './fix-queries.ts';
import { ParameterFields } from './ParameterFields.tsx';
import { areComplete, defaultValues } from './parameter-values.ts';
import { RiskChip } from './RiskChip.tsx';
import styles from './RolloutDialog.module.css';
import { phaseText } from './rollout-text.ts';

/** From so many houses on, the number must be typed. */
const TYPED_FROM = 100;

export function RolloutDialog({
  fix,
  incidentId,
  onClose,
}: {
  fix: Fix;
  /** Where the problem is part of an incident, its houses are meant first. */
  incidentId: string | null;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const [target, setTarget] = useState<FixRolloutTarget>({ model: null, groupId: null, incidentId });
  const [values, setValues] = useState(() => defaultValues(fix.parameters));
  const [parallelMax, setParallelMax] = useState(50);
  const [minSuccess, setMinSuccess] = useState(0.6);
  const [typed, setTyped] = useState('');
  const { data: preview, error } = useQuery(rolloutPreviewQuery(fix.id, target));
  const start = useChange(
    () => request(createFixRollout, { body: { fixId: fix.id, target, parameters: values, parallelMax, minSuccess } }),
    {
      outdated: [keys.fixRollouts, keys.fixRuns],
    },
  );
  const houses = preview?.houses ?? 0;
  const isTypedFor = houses >= TYPED_FROM || fix.risk === 'high';
  const away = preview ? preview.houses - preview.connected : 0;
  const models = fix.stats.byModel.map(({ model }) => model).filter((model) => model !== '');
  return (
    <FormDialog
      title={`${fix.title} on all like it`}
      submitLabel="Start with one house as a test"
      change={start}
      isReady={houses > 0 && areComplete(fix.parameters, values) && (!isTypedFor || typed.trim() === String(houses))}
      onSubmit={() => start.mutate(undefined, { onSuccess: ({ id }) => void navigate(paths.rollout(id)) })}
      onClose={onClose}
      size="lg"
    >
      <p>
        One house runs it first. When that helped, the others follow in phases; it stops by itself when it does not
        help.
      </p>
      <FormError error={error} />
      {preview && (
        <div className={styles.preview}>
          <output>
            <b>{count(houses)}</b> {houses === 1 ? 'house has' : 'houses have'} this problem now
            {away > 0 && `; ${count(away)} of them ${away === 1 ? 'is' : 'are'} away and run it when they are back`}.
          </output>
          <ol className={styles.phases}>
            {preview.phases.map((phase) => (
              <li key={phase.share}>{phaseText(phase)}</li>
            ))}
          </ol>
        </div>
      )}
      <div className={styles.target}>
        {incidentId !== null && (
          <NativeSelect
            label="Which houses"
            data={[
              { value: 'incident', label: 'Those of this incident' },
              { value: 'all', label: 'All with this problem' },
            ]}
            value={target.incidentId === null ? 'all' : 'incident'}
            onChange={(event) =>
              setTarget({ ...target, incidentId: event.currentTarget.value === 'all' ? null : incidentId })
            }
          />
        )}
        {models.length > 0 && (
          <NativeSelect
            label="Model"
            data={[{ value: '', label: 'Any model' }, ...models]}
            value={target.model ?? ''}
            onChange={(event) =>
              setTarget({ ...target, model: event.currentTarget.value === '' ? null : event.currentTarget.value })
            }
          />
        )}
        <NumberField
          label="Stop when fewer helped than"
          unit="%"
          value={Math.round(minSuccess * 100)}
          min={0}
          max={100}
          isWhole
          onChange={(percent) => setMinSuccess(percent / 100)}
        />
        <NumberField
          label="At the same time, at most"
          unit="houses"
          value={parallelMax}
          min={1}
          isWhole
          onChange={setParallelMax}
        />
        <GroupSelect
          label="Only in the group"
          noneLabel="Any group or none"
          value={target.groupId}
          onChange={(groupId) => setTarget({ ...target, groupId })}
        />
      </div>
      <ParameterFields parameters={fix.parameters} values={values} onChange={setValues} />
      <div>
        <RiskChip risk={fix.risk} />
      </div>
      {isTypedFor && houses > 0 && (
        <TextInput
          label={`Type ${houses} to confirm`}
          description={`It will run on ${plural(houses, 'house')}.`}
          autoComplete="off"
          inputMode="numeric"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
