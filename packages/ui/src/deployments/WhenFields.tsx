/** When a deployment begins and ends, and at which hours of the week an update may begin on a house. */
import type { DeploymentOptions, MaintenanceWindow } from '@lovely/api';
import { Autocomplete, Switch, TextInput, UnstyledButton } from '@mantine/core';
import { useId } from 'react';
import { fromLocalTime, localTimeOf } from './local-time.ts';
import { WEEKDAYS, windowText } from './options-text.ts';
import styles from './RolloutStep.module.css';

const NIGHT: MaintenanceWindow = { from: '02:00', to: '05:00', days: [1, 2, 3, 4, 5, 6, 7], zone: 'house' };
const HOUSE_ZONE = 'Each house’s own';
const ZONES = Intl.supportedValuesOf('timeZone');

export function WhenFields({
  options: { startAt, endAt, window },
  problems,
  onChange,
}: {
  options: Pick<DeploymentOptions, 'startAt' | 'endAt' | 'window'>;
  problems: ReadonlyMap<string, string>;
  onChange: (part: Partial<DeploymentOptions>) => void;
}) {
  return (
    <section className={styles.part}>
      <h3>When</h3>
      <div className={styles.fields}>
        <TextInput
          type="datetime-local"
          label="It begins"
          description={`At once when empty. Time here: ${new Intl.DateTimeFormat().resolvedOptions().timeZone}.`}
          value={localTimeOf(startAt)}
          error={problems.get('startAt')}
          onChange={(event) => onChange({ startAt: fromLocalTime(event.currentTarget.value) })}
        />
        <TextInput
          type="datetime-local"
          label="It ends"
          description="Houses that have not begun then are left out."
          value={localTimeOf(endAt)}
          error={problems.get('endAt')}
          onChange={(event) => onChange({ endAt: fromLocalTime(event.currentTarget.value) })}
        />
      </div>
      <Switch
        label="Only in a maintenance window"
        description={window ? windowText(window) : 'An update begins on a house at any time.'}
        checked={window !== null}
        onChange={(event) => onChange({ window: event.currentTarget.checked ? NIGHT : null })}
      />
      {window && (
        <WindowFields window={window} problems={problems} onChange={(changed) => onChange({ window: changed })} />
      )}
    </section>
  );
}

function WindowFields({
  window,
  problems,
  onChange,
}: {
  window: MaintenanceWindow;
  problems: ReadonlyMap<string, string>;
  onChange: (window: MaintenanceWindow) => void;
}) {
  const id = useId();
  const toggle = (day: number): void =>
    onChange({
      ...window,
      days: window.days.includes(day) ? window.days.filter((other) => other !== day) : [...window.days, day],
    });
  return (
    <div className={styles.rows}>
      <div className={styles.fields}>
        <TextInput
          type="time"
          label="From"
          value={window.from}
          error={problems.get('window.from')}
          onChange={(event) => onChange({ ...window, from: event.currentTarget.value })}
        />
        <TextInput
          type="time"
          label="Until"
          value={window.to}
          error={problems.get('window.to')}
          onChange={(event) => onChange({ ...window, to: event.currentTarget.value })}
        />
        <Autocomplete
          label="On whose clock"
          data={[HOUSE_ZONE, ...ZONES]}
          limit={60}
          value={window.zone === 'house' ? HOUSE_ZONE : window.zone}
          error={problems.get('window.zone')}
          onChange={(zone) => onChange({ ...window, zone: zone === HOUSE_ZONE ? 'house' : zone })}
        />
      </div>
      <fieldset className={styles.days} aria-describedby={`${id}-problem`}>
        <legend>On these days it opens</legend>
        {WEEKDAYS.map((name, index) => (
          <UnstyledButton
            key={name}
            className={styles.day}
            aria-pressed={window.days.includes(index + 1)}
            onClick={() => toggle(index + 1)}
          >
            {name}
          </UnstyledButton>
        ))}
      </fieldset>
      {problems.has('window.days') && (
        <p className={styles.error} id={`${id}-problem`} role="alert">
          Choose a day at least.
        </p>
      )}
    </div>
  );
}
