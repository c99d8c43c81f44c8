/** What is not applied yet, and the way to apply it: with a look at the changes, and back by itself if it goes wrong. */
import type { ConfigurationValues } from '@lovely/api';
import { Button, NumberInput, Switch, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ChangeTable } from '../audit/ChangeTable.tsx';
import { plural } from '../format/number.ts';
import { CONFIRM_SECONDS_DEFAULT, CONFIRM_SECONDS_MAX } from '../limits.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import styles from './ApplyBar.module.css';
import { changesBetween, type Fields } from './configuration-text.ts';

export interface Application {
  readonly confirmMs: number | null;
  readonly note: string;
}

interface Applying {
  readonly isPending: boolean;
  readonly error: unknown;
}

export function ApplyBar({
  own,
  next,
  fields,
  extra = 0,
  isGood,
  title,
  change,
  onApply,
  onDiscard,
}: {
  own: ConfigurationValues;
  next: ConfigurationValues;
  fields: Fields;
  /** Changes beside the values. */
  extra?: number;
  /** Nothing is missing. */
  isGood: boolean;
  title: string;
  change: Applying;
  onApply: (how: Application, done: () => void) => void;
  onDiscard: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const changes = changesBetween(own, next, fields);
  const count = Object.keys(changes).length + extra;
  if (count === 0) return null;
  return (
    <>
      <div className={styles.bar} aria-live="polite">
        <b>{plural(count, 'change')} not applied yet</b>
        <Button variant="default" onClick={onDiscard}>
          Discard
        </Button>
        <Button disabled={!isGood} onClick={() => setOpen(true)}>
          Apply…
        </Button>
      </div>
      {isOpen && (
        <ApplyDialog
          title={title}
          change={change}
          onApply={(how) => onApply(how, () => setOpen(false))}
          onClose={() => setOpen(false)}
        >
          {Object.keys(changes).length > 0 && <ChangeTable change={changes} />}
        </ApplyDialog>
      )}
    </>
  );
}

export function ApplyDialog({
  title,
  submitLabel = 'Apply',
  hasNote = true,
  change,
  onApply,
  onClose,
  children,
}: {
  title: string;
  submitLabel?: string;
  hasNote?: boolean;
  change: Applying;
  onApply: (how: Application) => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const [note, setNote] = useState('');
  const [goesBack, setGoesBack] = useState(true);
  const [seconds, setSeconds] = useState<number | string>(CONFIRM_SECONDS_DEFAULT);
  const isNumber = typeof seconds === 'number' && seconds >= 1;
  return (
    <FormDialog
      title={title}
      submitLabel={submitLabel}
      change={change}
      size="lg"
      isReady={!goesBack || isNumber}
      onSubmit={() => onApply({ confirmMs: goesBack ? Math.round(Number(seconds) * 1000) : null, note })}
      onClose={onClose}
    >
      {children}
      <div className={styles.back}>
        <Switch
          label="Go back by itself if it goes wrong"
          description="A gateway that loses the connection with the new values, or can’t apply them, takes the old ones again."
          checked={goesBack}
          onChange={(event) => setGoesBack(event.currentTarget.checked)}
        />
        {goesBack && (
          <NumberInput
            label="When it is not back after"
            suffix=" s"
            min={1}
            max={CONFIRM_SECONDS_MAX}
            allowDecimal={false}
            value={seconds}
            onChange={setSeconds}
          />
        )}
      </div>
      {hasNote && (
        <TextInput
          label="Why"
          placeholder="For whoever reads the history"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
