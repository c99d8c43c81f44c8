import { deploymentOptions, updateDeployment, type Deployment } from '@lovely/api';
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { keys, requestVersion } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { useChange } from '../parts/use-change.ts';
import { PRIORITIES } from './options-text.ts';

const KIB = 1024;
const shape = deploymentOptions.shape;

/** Changes what may be changed while it goes: its name, its priority and how much at a time. */
export function CapsDialog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const { id, version, options } = deployment;
  const [name, setName] = useState(deployment.name);
  const [priority, setPriority] = useState(options.priority);
  const [parallelMax, setParallelMax] = useState(options.parallelMax);
  const [bytesPerSecond, setBytesPerSecond] = useState(options.bytesPerSecond);
  const save = useChange(
    () =>
      requestVersion(
        updateDeployment,
        { params: { id }, body: { name: name.trim(), priority, parallelMax, bytesPerSecond } },
        version,
      ),
    { outdated: [keys.deployments], done: 'Changed.' },
  );
  const isParallelOk = shape.parallelMax.safeParse(parallelMax).success;
  const isSpeedOk = shape.bytesPerSecond.safeParse(bytesPerSecond).success;
  const isKnown = PRIORITIES.some(({ value }) => value === priority);
  return (
    <FormDialog
      title="Change how it goes"
      submitLabel="Save"
      change={save}
      isReady={name.trim() !== '' && isParallelOk && isSpeedOk}
      onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput label="Name" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <NumberField
        label="Downloads at the same time, at most"
        unit="houses"
        isWhole
        min={1}
        value={parallelMax}
        error={isParallelOk ? undefined : 'A whole number from 1 on.'}
        onChange={setParallelMax}
      />
      <NumberField
        label="Each downloads at most"
        description="As fast as it goes when empty."
        unit="KiB/s"
        isWhole
        min={1}
        value={bytesPerSecond === null ? Number.NaN : bytesPerSecond / KIB}
        error={isSpeedOk ? undefined : 'From 1 KiB/s on.'}
        onChange={(kib) => setBytesPerSecond(Number.isNaN(kib) ? null : Math.round(kib * KIB))}
      />
      <NativeSelect
        label="Priority"
        data={[
          ...PRIORITIES.map(({ value, label }) => ({ value: String(value), label })),
          ...(isKnown ? [] : [{ value: String(priority), label: String(priority) }]),
        ]}
        value={String(priority)}
        onChange={(event) => setPriority(Number(event.currentTarget.value))}
      />
    </FormDialog>
  );
}
