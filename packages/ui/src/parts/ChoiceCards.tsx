import { useId, type ReactNode } from 'react';
import styles from './ChoiceCards.module.css';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly title: string;
  readonly detail?: ReactNode;
  /** Stands at the right, on a phone below. */
  readonly aside?: ReactNode;
}

/** One of a few ways, each with a word about it: radio buttons that are cards, side by side or one below the other. */
export function ChoiceCards<Value extends string>({
  label,
  choices,
  value,
  isList = false,
  onChange,
}: {
  label: string;
  choices: readonly Choice<Value>[];
  /** Undefined until one is chosen. */
  value: Value | undefined;
  isList?: boolean;
  onChange: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset className={styles.choices} data-list={isList || undefined}>
      <legend className="visually-hidden">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className={styles.choice}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          <span className={styles.words}>
            <b>{choice.title}</b>
            {choice.detail !== undefined && <small>{choice.detail}</small>}
          </span>
          {choice.aside !== undefined && <small className={styles.aside}>{choice.aside}</small>}
        </label>
      ))}
    </fieldset>
  );
}
