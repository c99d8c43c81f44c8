import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';

/** A number as it is typed; NaN while there is none. */
export function NumberField({
  label,
  description,
  unit,
  value,
  error,
  hasError = false,
  min,
  max,
  isWhole = false,
  isDisabled = false,
  onChange,
}: {
  label: string;
  description?: string;
  /** Stands behind the number. */
  unit?: ReactNode;
  value: number;
  error?: string | undefined;
  /** What is wrong stands elsewhere. */
  hasError?: boolean;
  min?: number;
  max?: number;
  isWhole?: boolean;
  isDisabled?: boolean;
  onChange: (value: number) => void;
}) {
  const [text, setText] = useState(() => textOf(value));
  const [seen, setSeen] = useState(value);
  if (!Object.is(value, seen)) {
    setSeen(value);
    // Changed from elsewhere, not by typing.
    if (!Object.is(numberOf(text), value)) setText(textOf(value));
  }
  return (
    <TextInput
      label={label}
      description={description}
      type="number"
      step={isWhole ? 1 : 'any'}
      min={min}
      max={max}
      rightSection={unit}
      rightSectionPointerEvents="none"
      rightSectionWidth={unit === undefined ? 0 : 64}
      value={text}
      error={error ?? hasError}
      disabled={isDisabled}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(numberOf(event.currentTarget.value));
      }}
    />
  );
}

function textOf(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
