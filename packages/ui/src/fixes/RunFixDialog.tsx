/** Asks what a run of a fix needs to know, and as much for confirmation as its risk calls for. */
import type { Alert, Fix, FixValue } from '@lovely/api';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '../parts/FormDialog.tsx';
import { actionText } from './fix-text.ts';
import { ParameterFields } from './ParameterFields.tsx';
import { areComplete, defaultValues } from './parameter-values.ts';
import { RiskChip } from './RiskChip.tsx';
import styles from './RunFixDialog.module.css';

/** Whether a fix runs at a click, because nothing is to be chosen and not much can go wrong. */
export function runsAtOnce({ risk, parameters }: Fix): boolean {
  return risk === 'low' && parameters.length === 0;
}

export function RunFixDialog({
  fix,
  alert,
  change,
  onRun,
  onClose,
}: {
  fix: Fix;
  alert: Alert;
  change: { isPending: boolean; error: unknown };
  onRun: (values: Record<string, FixValue>) => void;
  onClose: () => void;
}) {
  const [values, setValues] = useState(() => defaultValues(fix.parameters));
  const [typed, setTyped] = useState('');
  const isConfirmed = fix.risk !== 'high' || typed.trim() === alert.deviceName;
  return (
    <FormDialog
      title={fix.title}
      submitLabel={`Run on ${alert.deviceName}`}
      change={change}
      isDanger={fix.risk === 'high'}
      isReady={isConfirmed && areComplete(fix.parameters, values)}
      onSubmit={() => onRun(values)}
      onClose={onClose}
    >
      <div>
        <RiskChip risk={fix.risk} />
      </div>
      <ol className={styles.actions}>
        {fix.actions.map((action, index) => (
          <li key={index}>{actionText(action)}</li>
        ))}
      </ol>
      <ParameterFields parameters={fix.parameters} values={values} onChange={setValues} />
      {fix.risk === 'high' && (
        <TextInput
          label={`Type “${alert.deviceName}” to confirm`}
          autoComplete="off"
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
