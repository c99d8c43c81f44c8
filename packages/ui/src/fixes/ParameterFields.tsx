import type { FixParameter, FixValue } from '@lovely/api';
import { NativeSelect, Switch, TextInput } from '@mantine/core';
import { NumberField } from '../parts/NumberField.tsx';

type Values = Readonly<Record<string, FixValue>>;

/** A fix's parameters as fields, by their type. */
export function ParameterFields({
  parameters,
  values,
  onChange,
}: {
  parameters: readonly FixParameter[];
  values: Values;
  onChange: (values: Record<string, FixValue>) => void;
}) {
  return parameters.map((parameter) => (
    <ParameterField
      key={parameter.name}
      parameter={parameter}
      value={values[parameter.name]}
      onChange={(value) => onChange({ ...values, [parameter.name]: value })}
    />
  ));
}

function ParameterField({
  parameter: { title, type, choices },
  value,
  onChange,
}: {
  parameter: FixParameter;
  value: FixValue | undefined;
  onChange: (value: FixValue) => void;
}) {
  switch (type) {
    case 'number':
      return <NumberField label={title} value={typeof value === 'number' ? value : Number.NaN} onChange={onChange} />;
    case 'boolean':
      return (
        <Switch label={title} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
      );
    case 'choice':
      return (
        <NativeSelect
          label={title}
          data={[...(value === undefined ? [{ value: '', label: 'Choose…' }] : []), ...choices]}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'text':
      return (
        <TextInput
          label={title}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
