import {
  abortDeployment,
  continueDeployment,
  pauseDeployment,
  type Deployment,
  type DeploymentDetail,
} from '@lovely/api';
import { Button } from '@mantine/core';
import { OctagonX, Pause, Play, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { plural } from '../format/number.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { CapsDialog } from './CapsDialog.tsx';
import { mustType } from './draft-check.ts';
import { isUnderWay } from './deployment-states.ts';

/** Pause, continue, change and abort for the whole of it. */
export function DeploymentActions({ deployment }: { deployment: DeploymentDetail }) {
  const [open, setOpen] = useState<'abort' | 'caps'>();
  const params = { id: deployment.id };
  const outdated = [keys.deployments];
  const pause = useChange(() => request(pauseDeployment, { params }), { outdated, done: 'No other house begins.' });
  const abort = useChange(() => request(abortDeployment, { params }), { outdated, done: 'The deployment is ended.' });
  if (!deployment.maySteer || !isUnderWay(deployment)) return null;
  const { counts } = deployment;
  return (
    <>
      <Button variant="default" leftSection={<SlidersHorizontal size={15} />} onClick={() => setOpen('caps')}>
        Change
      </Button>
      <Button variant="default" leftSection={<OctagonX size={15} />} onClick={() => setOpen('abort')}>
        Abort
      </Button>
      {deployment.state === 'running' && (
        <Button
          variant="default"
          leftSection={<Pause size={15} />}
          loading={pause.isPending}
          onClick={() => pause.mutate(undefined, { onError: (error) => void toastError('Not paused', error) })}
        >
          Pause
        </Button>
      )}
      {mayContinue(deployment) && <ContinueButton deployment={deployment} />}
      {open === 'caps' && <CapsDialog deployment={deployment} onClose={() => setOpen(undefined)} />}
      {open === 'abort' && (
        <ConfirmDialog
          title="Abort this deployment?"
          submitLabel="Abort it"
          change={abort}
          {...(mustType(counts.houses) ? { typed: deployment.name } : {})}
          onConfirm={() => abort.mutate(undefined, { onSuccess: () => setOpen(undefined) })}
          onClose={() => setOpen(undefined)}
        >
          {counts.pending > 0 && `${plural(counts.pending, 'house')} that wait are left alone. `}
          Houses in the middle of it go back to what they had; those that are done keep the new software. It can’t be
          continued.
        </ConfirmDialog>
      )}
    </>
  );
}

/** Whether somebody's word lets it go on. */
export function mayContinue({ state, waitsFor }: Pick<Deployment, 'state' | 'waitsFor'>): boolean {
  return state === 'paused' || (state !== 'finished' && state !== 'aborted' && waitsFor !== null);
}

export function ContinueButton({ deployment: { id, waitsFor } }: { deployment: Pick<Deployment, 'id' | 'waitsFor'> }) {
  const resume = useChange(() => request(continueDeployment, { params: { id }, body: {} }), {
    outdated: [keys.deployments],
    done: 'It goes on.',
  });
  return (
    <Button
      leftSection={<Play size={15} />}
      loading={resume.isPending}
      onClick={() => resume.mutate(undefined, { onError: (error) => void toastError('It does not go on', error) })}
    >
      {waitsFor === 'start' ? 'Start now' : 'Continue'}
    </Button>
  );
}
