/** How the deployment goes: in which phases, when it stops by itself, when it may run, how much at a time. */
import type { DeploymentOptions } from '@lovely/api';
import { Checkbox, NativeSelect, Switch } from '@mantine/core';
import { useState } from 'react';
import { useNow } from '../format/use-now.ts';
import { ChoiceCards } from '../parts/ChoiceCards.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import type { Draft } from './draft.ts';
import { FIRST_OPTIONS } from './draft.ts';
import { problemsWith } from './draft-check.ts';
import { GateFields } from './GateFields.tsx';
import { phasesText, PAUSES, PRIORITIES } from './options-text.ts';
import { PhasesField } from './PhasesField.tsx';
import { OWN_PRESET, PRESETS, presetOf } from './phase-presets.ts';
import styles from './RolloutStep.module.css';
import { WhenFields } from './WhenFields.tsx';

const KIB = 1024;

export function RolloutStep({
  draft,
  ends,
  onChange,
}: {
  draft: Draft;
  /** How many houses have begun when each phase is over. */
  ends: readonly number[] | undefined;
  onChange: (part: Partial<Draft>) => void;
}) {
  const { options } = draft;
  const problems = problemsWith(options, useNow());
  const set = (part: Partial<DeploymentOptions>): void => onChange({ options: { ...options, ...part } });
  return (
    <div className={styles.step}>
      <Phases draft={draft} ends={ends} problems={problems} onChange={set} />
      <GateFields gates={options.gates} problems={problems} onChange={(gates) => set({ gates })} />
      <WhenFields options={options} problems={problems} onChange={set} />
      <section className={styles.part}>
        <h3>How much at a time</h3>
        <div className={styles.fields}>
          <NumberField
            label="Downloads at once, at most"
            description="The others wait for their turn."
            unit="houses"
            isWhole
            min={1}
            value={options.parallelMax}
            error={problems.get('parallelMax')}
            onChange={(parallelMax) => set({ parallelMax })}
          />
          <BandwidthField
            value={options.bytesPerSecond}
            error={problems.get('bytesPerSecond')}
            onChange={(bytesPerSecond) => set({ bytesPerSecond })}
          />
          <NumberField
            label="Tries after a failure"
            description="By itself, on the same house."
            unit="more"
            isWhole
            min={0}
            value={options.retries}
            error={problems.get('retries')}
            onChange={(retries) => set({ retries })}
          />
          <PriorityField value={options.priority} onChange={(priority) => set({ priority })} />
        </div>
      </section>
      <section className={styles.part}>
        <h3>Each house waits for you</h3>
        <div className={styles.checks}>
          {(['install', 'reboot', 'commit'] as const).map((pause) => (
            <Checkbox
              key={pause}
              label={PAUSES[pause]}
              checked={options.pauseBefore.includes(pause)}
              onChange={(event) =>
                set({
                  pauseBefore: event.currentTarget.checked
                    ? [...options.pauseBefore, pause]
                    : options.pauseBefore.filter((other) => other !== pause),
                })
              }
            />
          ))}
        </div>
      </section>
      <section className={styles.part}>
        <h3>Besides</h3>
        {draft.to !== 'devices' && (
          <Switch
            label="Houses that come later join"
            description="It goes on until you end it, or its end comes."
            checked={options.joins}
            onChange={(event) => set({ joins: event.currentTarget.checked })}
          />
        )}
        <Switch
          label="Install it again where it is installed"
          checked={options.force}
          onChange={(event) => set({ force: event.currentTarget.checked })}
        />
      </section>
    </div>
  );
}

function Phases({
  draft,
  ends,
  problems,
  onChange,
}: {
  draft: Draft;
  ends: readonly number[] | undefined;
  problems: ReadonlyMap<string, string>;
  onChange: (part: Partial<DeploymentOptions>) => void;
}) {
  const { phases } = draft.options;
  const [isOwn, setOwn] = useState(() => presetOf(phases) === OWN_PRESET);
  const choices = [
    ...PRESETS.map((preset) => ({
      value: preset.value,
      title: preset.title,
      detail: phasesText(preset.phases),
    })),
    { value: OWN_PRESET, title: 'My own', detail: 'phases as you like them' },
  ];
  return (
    <section className={styles.part}>
      <h3>Phases</h3>
      <p className={styles.hint}>The next begins when the houses of the one before are through and stayed well.</p>
      <ChoiceCards
        label="Phases"
        choices={choices}
        value={isOwn ? OWN_PRESET : presetOf(phases)}
        onChange={(value) => {
          setOwn(value === OWN_PRESET);
          const preset = PRESETS.find((each) => each.value === value);
          if (preset) onChange({ phases: [...preset.phases] });
          else if (phases.length === 0) onChange({ phases: [...FIRST_OPTIONS.phases] });
        }}
      />
      {(isOwn || phases.length > 0) && (
        <PhasesField
          phases={phases}
          ends={ends}
          edit={isOwn ? { problems, onChange: (changed) => onChange({ phases: changed }) } : undefined}
        />
      )}
    </section>
  );
}

function BandwidthField({
  value,
  error,
  onChange,
}: {
  value: number | null;
  error: string | undefined;
  onChange: (bytesPerSecond: number | null) => void;
}) {
  return (
    <NumberField
      label="Each downloads at most"
      description="As fast as it goes when empty."
      unit="KiB/s"
      isWhole
      min={1}
      value={value === null ? Number.NaN : value / KIB}
      error={error}
      onChange={(kib) => onChange(Number.isNaN(kib) ? null : Math.round(kib * KIB))}
    />
  );
}

function PriorityField({ value, onChange }: { value: number; onChange: (priority: number) => void }) {
  const isKnown = PRIORITIES.some((each) => each.value === value);
  return (
    <NativeSelect
      label="Priority"
      description="On a house, the higher comes first."
      data={[
        ...PRIORITIES.map((each) => ({ value: String(each.value), label: each.label })),
        ...(isKnown ? [] : [{ value: String(value), label: String(value) }]),
      ]}
      value={String(value)}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
    />
  );
}
