import { TextInput } from '@mantine/core';
import type { LimitsDraft } from './tenant-limits.ts';

const FIELDS = [
  { key: 'devices', label: 'Gateways at most', min: 0, step: 1 },
  { key: 'messagesPerSecond', label: 'Messages a second', min: 1, step: 1 },
  { key: 'storageGib', label: 'Storage in GiB', min: 0, step: 'any' },
] as const;

/** The limits of an organisation; an empty field is without a limit. */
export function LimitsFields({ value, onChange }: { value: LimitsDraft; onChange: (value: LimitsDraft) => void }) {
  return FIELDS.map(({ key, label, min, step }) => (
    <TextInput
      key={key}
      label={label}
      placeholder="No limit"
      type="number"
      min={min}
      step={step}
      value={value[key]}
      onChange={(event) => onChange({ ...value, [key]: event.currentTarget.value })}
    />
  ));
}
