import { PasswordInput } from '@mantine/core';
import { passwordStrength } from './strength.ts';
import { StrengthBar } from './StrengthBar.tsx';

/** A field for a password that somebody chooses now, with its strength; `knownWords` are those it should not be made of. */
export function NewPassword({
  label = 'Password',
  value,
  onChange,
  knownWords,
}: {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  knownWords: readonly string[];
}) {
  return (
    <>
      <PasswordInput
        label={label}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <StrengthBar strength={passwordStrength(value, knownWords)} isEmpty={value === ''} />
    </>
  );
}
