/** When a fix runs by itself, and what keeps it from running too often. */
import type { FixAutomatic, Severity } from '@lovely/api';
import { Checkbox, Input, Switch } from '@mantine/core';
import { GroupsSelect } from '../groups/GroupSelect.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import styles from './AutomaticFields.module.css';

const SEVERITIES = [
  { severity: 'warning', label: 'Warnings' },
  { severity: 'critical', label: 'Critical alerts' },
] as const;

export function AutomaticFields({
  value,
  errorOf,
  isReadOnly,
  onChange,
}: {
  value: FixAutomatic;
  errorOf: (path: string) => string | undefined;
  isReadOnly: boolean;
  onChange: (automatic: FixAutomatic) => void;
}) {
  const set = (part: Partial<FixAutomatic>): void => onChange({ ...value, ...part });
  const toggle = (severity: Severity, isOn: boolean): void => {
    const all: Severity[] = value.severities.length === 0 ? SEVERITIES.map((each) => each.severity) : value.severities;
    const next = isOn ? [...new Set([...all, severity])] : all.filter((other) => other !== severity);
    set({ severities: next.length === SEVERITIES.length ? [] : next });
  };
  return (
    <div className={styles.fields}>
      <Switch
        label="Run it by itself"
        description="As soon as the alert opens on a house that is connected. Nobody is asked; everything is in the audit log."
        checked={value.enabled}
        disabled={isReadOnly}
        onChange={(event) => set({ enabled: event.currentTarget.checked })}
      />
      {value.enabled && (
        <>
          <div className={styles.guards}>
            <NumberField
              label="On one house a day, at most"
              unit="times"
              value={value.perHouseAndDayMax}
              min={1}
              isWhole
              error={errorOf('perHouseAndDayMax')}
              isDisabled={isReadOnly}
              onChange={(perHouseAndDayMax) => set({ perHouseAndDayMax })}
            />
            <NumberField
              label="On all houses an hour, at most"
              unit="times"
              value={value.perHourMax}
              min={1}
              isWhole
              error={errorOf('perHourMax')}
              isDisabled={isReadOnly}
              onChange={(perHourMax) => set({ perHourMax })}
            />
            <NumberField
              label="Only while it helps in at least"
              unit="% of runs"
              value={Math.round(value.minSuccess * 100)}
              min={0}
              max={100}
              isWhole
              error={errorOf('minSuccess')}
              isDisabled={isReadOnly}
              onChange={(percent) => set({ minSuccess: percent / 100 })}
            />
          </div>
          <Input.Wrapper label="For" labelElement="div">
            <div className={styles.severities}>
              {SEVERITIES.map(({ severity, label }) => (
                <Checkbox
                  key={severity}
                  label={label}
                  checked={value.severities.length === 0 || value.severities.includes(severity)}
                  disabled={isReadOnly || (value.severities.length === 1 && value.severities[0] === severity)}
                  onChange={(event) => toggle(severity, event.currentTarget.checked)}
                />
              ))}
            </div>
          </Input.Wrapper>
          <Input.Wrapper label="Only houses in these groups" description="None chosen: all houses." labelElement="div">
            <GroupsSelect
              label="Only houses in these groups"
              value={value.groupIds}
              onChange={(groupIds) => set({ groupIds })}
            />
          </Input.Wrapper>
        </>
      )}
    </div>
  );
}
