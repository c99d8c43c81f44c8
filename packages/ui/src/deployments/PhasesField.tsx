/** The phases one below the other: how far each goes, and what stands between it and the next. */
import { DEPLOYMENT_PHASES_MAX, type DeploymentPhaseWish } from '@lovely/api';
import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { plural } from '../format/number.ts';
import { DurationField } from '../parts/DurationField.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { betweenText } from './options-text.ts';
import styles from './PhasesField.module.css';

const HOUR_MS = 3600_000;

export function PhasesField({
  phases,
  ends,
  edit,
}: {
  phases: readonly DeploymentPhaseWish[];
  /** How many houses have begun when each is over; undefined while that is not known. */
  ends: readonly number[] | undefined;
  /** Without it they are only shown. */
  edit?: { problems: ReadonlyMap<string, string>; onChange: (phases: DeploymentPhaseWish[]) => void } | undefined;
}) {
  return (
    <div>
      <ol className={styles.phases} data-edited={edit !== undefined || undefined} aria-label="Phases">
        {phases.map((phase, index) => {
          const isLast = index === phases.length - 1;
          const end = ends?.[index];
          const own = end === undefined ? undefined : end - (ends?.[index - 1] ?? 0);
          return (
            <li key={index}>
              <span className={styles.mark} aria-hidden>
                {index + 1}
              </span>
              {!edit || isLast ? (
                <b className={styles.amount}>{isLast ? 'all' : amountWords(phase)}</b>
              ) : (
                <AmountField
                  phase={phase}
                  number={index + 1}
                  error={edit.problems.get(`phases.${index}.amount`)}
                  onChange={(changed) => edit.onChange(phases.with(index, changed))}
                />
              )}
              <span className={styles.houses}>
                {own !== undefined && `${index === 0 ? '' : '+ '}${plural(own, 'house')}`}
              </span>
              {!isLast &&
                (edit ? (
                  <BetweenField
                    phase={phase}
                    number={index + 1}
                    error={edit.problems.get(`phases.${index}.pauseMs`)}
                    onChange={(changed) => edit.onChange(phases.with(index, changed))}
                  />
                ) : (
                  <span className={styles.between}>{betweenText(phase)}</span>
                ))}
              {edit && !isLast && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={`Remove phase ${index + 1}`}
                  onClick={() => edit.onChange(phases.toSpliced(index, 1))}
                >
                  <X size={16} aria-hidden />
                </ActionIcon>
              )}
            </li>
          );
        })}
      </ol>
      {edit && phases.length < DEPLOYMENT_PHASES_MAX && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} />}
          onClick={() => edit.onChange(withOneMore(phases))}
        >
          Add a phase
        </Button>
      )}
    </div>
  );
}

function AmountField({
  phase,
  number,
  error,
  onChange,
}: {
  phase: DeploymentPhaseWish;
  number: number;
  error: string | undefined;
  onChange: (phase: DeploymentPhaseWish) => void;
}) {
  const { pauseMs, waitsForPerson } = phase;
  const between = { pauseMs, waitsForPerson };
  const isCount = 'count' in phase;
  return (
    <fieldset className={styles.field} aria-label={`How far phase ${number} goes`}>
      <NumberField
        label={`Phase ${number}, how many`}
        min={isCount ? 1 : 0.001}
        isWhole={isCount}
        value={isCount ? phase.count : phase.percent}
        error={error}
        onChange={(amount) => onChange(isCount ? { ...between, count: amount } : { ...between, percent: amount })}
      />
      <NativeSelect
        aria-label={`Phase ${number}, of what`}
        data={[
          { value: 'percent', label: '%' },
          { value: 'count', label: 'houses' },
        ]}
        value={isCount ? 'count' : 'percent'}
        onChange={(event) =>
          onChange(event.currentTarget.value === 'count' ? { ...between, count: 10 } : { ...between, percent: 10 })
        }
      />
    </fieldset>
  );
}

const BETWEEN = [
  { value: 'on', label: 'goes on by itself' },
  { value: 'pause', label: 'waits a while' },
  { value: 'person', label: 'waits for you' },
];

function BetweenField({
  phase,
  number,
  error,
  onChange,
}: {
  phase: DeploymentPhaseWish;
  number: number;
  error: string | undefined;
  onChange: (phase: DeploymentPhaseWish) => void;
}) {
  const kind = phase.waitsForPerson ? 'person' : phase.pauseMs > 0 || Number.isNaN(phase.pauseMs) ? 'pause' : 'on';
  return (
    <div className={styles.field}>
      <NativeSelect
        aria-label={`After phase ${number}`}
        data={BETWEEN}
        value={kind}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...phase, pauseMs: value === 'pause' ? HOUR_MS : 0, waitsForPerson: value === 'person' })
        }
      />
      {kind === 'pause' && (
        <DurationField
          label={`Wait after phase ${number}`}
          value={phase.pauseMs}
          error={error}
          onChange={(pauseMs) => onChange({ ...phase, pauseMs })}
        />
      )}
    </div>
  );
}

function amountWords(phase: DeploymentPhaseWish): string {
  return 'count' in phase ? plural(phase.count, 'house') : `${phase.percent}%`;
}

/** One more before the last, half way to it. */
function withOneMore(phases: readonly DeploymentPhaseWish[]): DeploymentPhaseWish[] {
  const last = phases.at(-1) ?? { percent: 100, pauseMs: 0, waitsForPerson: false };
  const before = phases.at(-2);
  const from = before !== undefined && 'percent' in before ? before.percent : 0;
  return [
    ...phases.slice(0, -1),
    { percent: Math.max(0.001, Math.round((from + 100) / 2)), pauseMs: 0, waitsForPerson: false },
    last,
  ];
}
