/** The phases in their order with what stands between them: why it waits, what its gates see, and the way on. */
import { continueDeployment, type DeploymentDetail, type DeploymentPhase, type UpdatePause } from '@lovely/api';
import { Button } from '@mantine/core';
import { Check, Hand, Hourglass, OctagonX, Pause, Play, Timer } from 'lucide-react';
import { keys, request } from '../api.ts';
import { count, plural } from '../format/number.ts';
import { remaining } from '../format/time.ts';
import { useNowText } from '../format/use-now.ts';
import { Card } from '../parts/Card.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { ContinueButton, mayContinue } from './DeploymentActions.tsx';
import { GateFigures } from './GateFigures.tsx';
import { amountText, betweenText, PAUSES } from './options-text.ts';
import styles from './PhaseRail.module.css';

export function PhaseRail({ deployment }: { deployment: DeploymentDetail }) {
  const { phases, phase: current, state, options } = deployment;
  const isOver = state === 'finished' || state === 'aborted';
  return (
    <Card title={phases.length > 1 ? 'Phases' : 'Gates'}>
      {phases.length > 1 && (
        <ol className={styles.rail} aria-label="Phases">
          {phases.map((phase, index) => (
            <PhaseItem
              key={index}
              phase={phase}
              number={index + 1}
              name={nameOf(deployment, index)}
              isNow={index === current && !isOver}
              isLast={index === phases.length - 1}
            />
          ))}
        </ol>
      )}
      <WhyItWaits deployment={deployment} />
      <PausedHouses deployment={deployment} />
      {options.gates !== null && (
        <div className={styles.gates}>
          <GateFigures figures={deployment.gates} />
        </div>
      )}
    </Card>
  );
}

function PhaseItem({
  phase,
  number,
  name,
  isNow,
  isLast,
}: {
  phase: DeploymentPhase;
  number: number;
  name: string;
  isNow: boolean;
  isLast: boolean;
}) {
  const between = isLast ? '' : betweenText(phase);
  return (
    <li
      data-state={phase.state === 'over' ? 'over' : isNow ? 'now' : 'ahead'}
      aria-current={isNow ? 'step' : undefined}
    >
      <span className={styles.mark} aria-hidden>
        {phase.state === 'over' ? <Check size={14} strokeWidth={2.6} /> : number}
      </span>
      <div>
        <b>{name}</b>
        <small>
          {phase.begun === 0
            ? `until ${plural(phase.end, 'house')} have begun`
            : [
                `${count(phase.succeeded)} done`,
                ...(phase.failed > 0 ? [`${count(phase.failed)} failed`] : []),
                ...(phase.active > 0 ? [`${count(phase.active)} under way`] : []),
              ].join(', ')}
        </small>
        {between !== '' && (
          <small className={styles.between}>
            {phase.waitsForPerson ? <Hand size={12} aria-hidden /> : <Timer size={12} aria-hidden />} {between}
          </small>
        )}
      </div>
    </li>
  );
}

/** What it waits for, with the button that lets it go on. */
function WhyItWaits({ deployment }: { deployment: DeploymentDetail }) {
  const { reason, state, pausedBy, waitsFor, waitsUntil } = deployment;
  const until = useNowText((now) => (waitsUntil === null ? '' : remaining(waitsUntil, now)));
  if (reason === '' && waitsFor === null && state !== 'paused') return null;
  const isGate = pausedBy === 'gate';
  const Icon = isGate ? OctagonX : state === 'paused' ? Pause : Hourglass;
  const words =
    reason === ''
      ? state === 'paused'
        ? 'Paused: no other house begins.'
        : waitsFor === 'person'
          ? 'The next phase waits for you.'
          : 'The next phase waits.'
      : reason;
  return (
    <div className={styles.waits} data-tone={isGate ? 'bad' : 'plain'} aria-live="polite">
      <Icon size={17} aria-hidden />
      <p>
        {words}
        {until !== '' && <small> {until}</small>}
      </p>
      {mayContinue(deployment) && deployment.maySteer && <ContinueButton deployment={deployment} />}
    </div>
  );
}

/** Houses that wait for somebody before a step, with the button that lets them all past it. */
function PausedHouses({ deployment: { id, counts, maySteer } }: { deployment: DeploymentDetail }) {
  const resume = useChange((past: UpdatePause) => request(continueDeployment, { params: { id }, body: { past } }), {
    outdated: [keys.deployments],
    done: 'They go on.',
  });
  const waiting = [
    ['install', counts.pause_before_installing],
    ['reboot', counts.pause_before_rebooting],
    ['commit', counts.pause_before_committing],
  ] as const;
  return waiting
    .filter(([, houses]) => houses > 0)
    .map(([pause, houses]) => (
      <div key={pause} className={styles.waits} data-tone="plain">
        <Hand size={17} aria-hidden />
        <p>
          {plural(houses, 'house')} {houses === 1 ? 'waits' : 'wait'} {PAUSES[pause]}.
        </p>
        {maySteer && (
          <Button
            variant="default"
            leftSection={<Play size={15} />}
            loading={resume.isPending && resume.variables === pause}
            onClick={() => resume.mutate(pause, { onError: (error) => void toastError('They do not go on', error) })}
          >
            Let them go on
          </Button>
        )}
      </div>
    ));
}

/** How far a phase goes, as it was wished. */
function nameOf({ phases, options }: DeploymentDetail, index: number): string {
  const wish = options.phases[index];
  const end = plural(phases[index]?.end ?? 0, 'house');
  if (wish === undefined || index === phases.length - 1) return `All · ${end}`;
  return 'count' in wish ? end : `${amountText(wish)} · ${end}`;
}
