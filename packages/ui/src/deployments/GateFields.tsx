/** When a deployment pauses by itself, in plain words with numbers in them. */
import type { DeploymentGates } from '@lovely/api';
import { Switch } from '@mantine/core';
import { NumberField } from '../parts/NumberField.tsx';
import { FIRST_OPTIONS } from './draft.ts';
import styles from './RolloutStep.module.css';

const PERCENT = 100;

export function GateFields({
  gates,
  problems,
  onChange,
}: {
  gates: DeploymentGates | null;
  problems: ReadonlyMap<string, string>;
  onChange: (gates: DeploymentGates | null) => void;
}) {
  const firstGates = FIRST_OPTIONS.gates;
  return (
    <section className={styles.part}>
      <h3>It pauses by itself …</h3>
      <Switch
        label="… when houses don’t stay well"
        description="Then no other house begins, until somebody has looked and continues."
        checked={gates !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? firstGates : null)}
      />
      {gates && firstGates && (
        <div className={styles.rows}>
          <Gate
            label="Failures, at most"
            unit="%"
            value={gates.failureMax}
            first={firstGates.failureMax}
            factor={PERCENT}
            words="of the houses that are through may have failed"
            error={problems.get('gates.failureMax')}
            onChange={(failureMax) => onChange({ ...gates, failureMax })}
          />
          <Gate
            label="Alerts, at most"
            unit="%"
            value={gates.alertsMax}
            first={firstGates.alertsMax}
            factor={PERCENT}
            words="of its houses may have new alerts, beyond what the rest of the fleet has"
            error={problems.get('gates.alertsMax')}
            onChange={(alertsMax) => onChange({ ...gates, alertsMax })}
          />
          <Gate
            label="Reconnects, at most"
            unit="times"
            value={gates.reconnectsMax}
            first={firstGates.reconnectsMax}
            factor={1}
            words="each of its houses may have reconnected, beyond what the rest of the fleet does"
            error={problems.get('gates.reconnectsMax')}
            onChange={(reconnectsMax) => onChange({ ...gates, reconnectsMax })}
          />
          <div className={styles.sample}>
            <NumberField
              label="Judged from so many houses on"
              description="And at the end of each phase."
              unit="houses"
              isWhole
              min={1}
              value={gates.minSample}
              error={problems.get('gates.minSample')}
              onChange={(minSample) => onChange({ ...gates, minSample })}
            />
          </div>
        </div>
      )}
    </section>
  );
}

function Gate({
  label,
  unit,
  value,
  first,
  factor,
  words,
  error,
  onChange,
}: {
  label: string;
  unit: string;
  /** Null: it is not looked at. */
  value: number | null;
  /** What it is when it is switched on. */
  first: number | null;
  /** What is shown is so many times the value. */
  factor: number;
  words: string;
  error: string | undefined;
  onChange: (value: number | null) => void;
}) {
  return (
    <div className={styles.gate}>
      <Switch
        aria-label={`Look at ${label.slice(0, label.indexOf(',')).toLowerCase()}`}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? first : null)}
      />
      <NumberField
        label={label}
        unit={unit}
        min={0}
        value={value === null ? Number.NaN : Math.round(value * factor * 1000) / 1000}
        error={error}
        isDisabled={value === null}
        onChange={(shown) => onChange(shown / factor)}
      />
      <span>{words}</span>
    </div>
  );
}
