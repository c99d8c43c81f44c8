import type { ConfigurationFormField } from '@lovely/api';
import { NativeSelect, Switch, TextInput } from '@mantine/core';
import { valueOf } from '../fixes/typed-value.ts';
import { DurationField } from '../parts/DurationField.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import type { Value } from './configuration-text.ts';

/** The control for a value, as its field says; one without a field is a text that may look like a number. */
export function FieldInput({
  label,
  field,
  value,
  error,
  onChange,
}: {
  label: string;
  field: ConfigurationFormField | undefined;
  value: Value;
  error: string | undefined;
  onChange: (value: Value) => void;
}) {
  const type = field && fits(field.type, value) ? field.type : undefined;
  switch (type) {
    case 'boolean':
      return (
        <Switch
          aria-label={label}
          label={value === true ? 'yes' : 'no'}
          checked={value === true}
          error={error}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'integer':
    case 'number':
      return (
        <NumberField
          label={label}
          value={value as number}
          error={error}
          isWhole={type === 'integer'}
          {...(field?.unit ? { unit: field.unit } : {})}
          onChange={onChange}
        />
      );
    case 'duration':
      return <DurationField label={label} value={value as number} error={error} onChange={onChange} />;
    case 'choice':
      return (
        <NativeSelect
          aria-label={label}
          data={field!.choices.map(({ value: each, title }) => ({ value: each, label: title === '' ? each : title }))}
          value={String(value)}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          aria-label={label}
          value={String(value)}
          error={error}
          onChange={(event) =>
            onChange(field?.type === 'text' ? event.currentTarget.value : valueOf(event.currentTarget.value))
          }
        />
      );
  }
}

/** Whether the control of a type can show the value at all; one that was set before there was a schema may be anything. */
function fits(type: ConfigurationFormField['type'], value: Value): boolean {
  if (type === 'boolean') return typeof value === 'boolean';
  return type === 'text' || type === 'choice' ? true : typeof value === 'number';
}
