/** An update on one house: how far it is, why it failed with the log around that, its sensors, and each step with its time. */
import {
  abortDeploymentDevice,
  continueDeploymentDevice,
  pauseDeploymentDevice,
  type DeploymentDeviceDetail,
} from '@lovely/api';
import { Button } from '@mantine/core';
import { OctagonX, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { bytes } from '../format/number.ts';
import { useMayFor } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { PercentBar } from '../parts/PercentBar.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { isFinal, isPaused } from './deployment-states.ts';
import { DeviceTimeline } from './DeviceTimeline.tsx';
import styles from './DeviceUpdate.module.css';
import { DeviceUpdateChip } from './DeviceUpdateChip.tsx';
import { causeTitle, stepText } from './failure-text.ts';
import { LogLines } from './LogLines.tsx';
import { UpdateLog } from './UpdateLog.tsx';
import { UpdateSensors } from './UpdateSensors.tsx';

export function DeviceUpdate({ device }: { device: DeploymentDeviceDetail }) {
  const { cause, state, substate, waits, percent, isRolledBack, logSlice, sensors } = device;
  return (
    <div className={styles.update}>
      <header className={styles.header}>
        <DeviceUpdateChip device={device} />
        <span>
          {waits === '' ? substate : waits}
          {!device.connected && !isFinal(state) && ' The house is away now.'}
        </span>
      </header>
      {percent !== null && !isFinal(state) && <PercentBar label="Percent of this step" percent={percent} />}
      {device.bytes !== null && !isFinal(state) && (
        <small>
          {bytes(device.downloadedBytes ?? 0)} of {bytes(device.bytes)} downloaded
        </small>
      )}
      <Buttons device={device} />
      {cause && (
        <section className={styles.cause} aria-label="Why it failed">
          <h3>{causeTitle(cause.code)}</h3>
          {cause.message !== '' && <p>{cause.message}</p>}
          <small>
            {cause.step !== '' && `${capitalized(stepText(cause.step))}. `}
            {isRolledBack === true && 'It runs what it ran before.'}
            {isRolledBack === false && 'The software of before could not be brought back.'}
          </small>
        </section>
      )}
      {logSlice.length > 0 && <LogLines label="The log around the failure" lines={logSlice} />}
      {device.hasLog && <UpdateLog device={device} />}
      {sensors.length > 0 && <UpdateSensors sensors={sensors} />}
      <DeviceTimeline events={device.events} />
    </div>
  );
}

/** Pause, continue and abort for this house only. */
function Buttons({
  device: { deploymentId, deviceId, state, deviceName, pauseBefore },
}: {
  device: DeploymentDeviceDetail;
}) {
  const may = useMayFor(deviceId);
  const [isAborting, setAborting] = useState(false);
  const params = { id: deploymentId, deviceId };
  const outdated = [keys.deployments];
  const pause = useChange(
    () => request(pauseDeploymentDevice, { params, body: { before: ['install', 'reboot', 'commit'] } }),
    { outdated, done: `${deviceName} waits before the next step.` },
  );
  const resume = useChange(() => request(continueDeploymentDevice, { params }), { outdated, done: 'It goes on.' });
  const abort = useChange(() => request(abortDeploymentDevice, { params }), { outdated, done: 'It is ended there.' });
  if (!may('deployment.write') || isFinal(state)) return null;
  return (
    <div className={styles.buttons}>
      {(isPaused(state) || pauseBefore.length > 0) && (
        <Button
          leftSection={<Play size={15} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(undefined, { onError: (error) => void toastError('It does not go on', error) })}
        >
          Continue
        </Button>
      )}
      {!isPaused(state) && pauseBefore.length === 0 && (
        <Button
          variant="default"
          leftSection={<Pause size={15} />}
          loading={pause.isPending}
          onClick={() => pause.mutate(undefined, { onError: (error) => void toastError('Not paused', error) })}
        >
          Pause before the next step
        </Button>
      )}
      <Button variant="default" leftSection={<OctagonX size={15} />} onClick={() => setAborting(true)}>
        Abort here
      </Button>
      {isAborting && (
        <ConfirmDialog
          title={`Abort it on ${deviceName}?`}
          submitLabel="Abort it here"
          change={abort}
          onConfirm={() => abort.mutate(undefined, { onSuccess: () => setAborting(false) })}
          onClose={() => setAborting(false)}
        >
          This house goes back to what it had; the others go on.
        </ConfirmDialog>
      )}
    </div>
  );
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
