/** When nobody is told, and what is told nevertheless. */
import type { QuietHours } from '@lovely/api';
import { Checkbox, NativeSelect, Switch, TextInput } from '@mantine/core';
import { DAY_NAMES } from './policy-words.ts';
import styles from './Fields.module.css';

export function QuietHoursFields({
  value,
  description,
  errorOf,
  onChange,
}: {
  value: QuietHours | null;
  description: string;
  /** What is wrong with a member of it. */
  errorOf?: (path: string) => string | undefined;
  onChange: (hours: QuietHours | null) => void;
}) {
  return (
    <>
      <Switch
        label="Quiet hours"
        description={description}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? atNight() : null)}
      />
      {value && <Hours value={value} errorOf={errorOf} onChange={onChange} />}
    </>
  );
}

function Hours({
  value,
  errorOf,
  onChange,
}: {
  value: QuietHours;
  errorOf: ((path: string) => string | undefined) | undefined;
  onChange: (hours: QuietHours) => void;
}) {
  return (
    <div className={styles.nested}>
      <div className={styles.pair}>
        <TextInput
          label="From"
          type="time"
          value={value.from}
          error={errorOf?.('from')}
          onChange={(event) => onChange({ ...value, from: event.currentTarget.value })}
        />
        <TextInput
          label="To"
          type="time"
          value={value.to}
          error={errorOf?.('to')}
          onChange={(event) => onChange({ ...value, to: event.currentTarget.value })}
        />
      </div>
      <fieldset className={styles.days}>
        <legend>Beginning on</legend>
        {DAY_NAMES.map(({ day, label }) => (
          <Checkbox
            key={day}
            label={label}
            checked={value.days.includes(day)}
            // At least one is left: none would be no quiet hours at all.
            disabled={value.days.length === 1 && value.days.includes(day)}
            onChange={(event) =>
              onChange({
                ...value,
                days: event.currentTarget.checked
                  ? [...value.days, day].toSorted((a, b) => a - b)
                  : value.days.filter((other) => other !== day),
              })
            }
          />
        ))}
      </fieldset>
      <NativeSelect
        label="Time zone"
        data={timeZones(value.timeZone)}
        value={value.timeZone}
        onChange={(event) => onChange({ ...value, timeZone: event.currentTarget.value })}
      />
      <Switch
        label="Critical alerts are told nevertheless"
        checked={value.criticalBreaksThrough}
        onChange={(event) => onChange({ ...value, criticalBreaksThrough: event.currentTarget.checked })}
      />
    </div>
  );
}

/** Quiet hours that can be saved: a cleared time field is empty. */
export function isWhole(hours: QuietHours | null): boolean {
  return hours === null || (hours.from !== '' && hours.to !== '');
}

function atNight(): QuietHours {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return { from: '22:00', to: '07:00', days: [1, 2, 3, 4, 5, 6, 7], timeZone, criticalBreaksThrough: true };
}

function timeZones(current: string): string[] {
  return [...new Set(['UTC', current, ...Intl.supportedValuesOf('timeZone')])];
}
