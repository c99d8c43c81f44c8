import { Input, NativeSelect } from '@mantine/core';
import { useId, useState } from 'react';
import { DURATION_UNITS, durationUnit } from '../format/duration.ts';
import styles from './DurationField.module.css';
import { NumberField } from './NumberField.tsx';

/** A duration in ms, as a number and a unit; NaN while there is no number. */
export function DurationField({
  label,
  description,
  value,
  error,
  isDisabled = false,
  onChange,
}: {
  label: string;
  description?: string;
  value: number;
  error?: string | undefined;
  isDisabled?: boolean;
  onChange: (ms: number) => void;
}) {
  const id = useId();
  const [unit, setUnit] = useState<(typeof DURATION_UNITS)[number]>(() =>
    Number.isNaN(value) ? DURATION_UNITS[1] : durationUnit(value),
  );
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div" id={id}>
      <fieldset
        className={styles.fields}
        aria-labelledby={`${id}-label`}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
      >
        <NumberField
          label={`${label}, how many`}
          value={value / unit.ms}
          min={0}
          hasError={error !== undefined}
          isDisabled={isDisabled}
          onChange={(amount) => onChange(Math.round(amount * unit.ms))}
        />
        <NativeSelect
          aria-label={`${label}, unit`}
          data={DURATION_UNITS.map((each) => each.label)}
          value={unit.label}
          disabled={isDisabled}
          onChange={(event) => {
            const next = DURATION_UNITS.find((each) => each.label === event.currentTarget.value) ?? unit;
            setUnit(next);
            onChange(Math.round((value / unit.ms) * next.ms));
          }}
        />
      </fieldset>
    </Input.Wrapper>
  );
}
