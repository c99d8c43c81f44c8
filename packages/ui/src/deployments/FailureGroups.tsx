/** Why it failed: same failures together, what to do about each, and the retry of their houses. */
import { retryDeployment, type Deployment, type FailureGroup } from '@lovely/api';
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { RotateCcw, Sparkles } from 'lucide-react';
import { keys, request } from '../api.ts';
import { count, plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import styles from './FailureGroups.module.css';
import { causeTitle, rolledBackText, stepText } from './failure-text.ts';
import { LogLines } from './LogLines.tsx';

export function FailureGroups({
  deployment,
  groups,
  chosen,
  onChoose,
}: {
  deployment: Deployment;
  groups: readonly FailureGroup[];
  chosen: string | undefined;
  onChoose: (key: string | undefined) => void;
}) {
  const may = useMay();
  const mayRetry = may('deployment.write') && deployment.kind === 'software';
  const houses = groups.reduce((sum, group) => sum + group.houses, 0);
  return (
    <Card
      title="Why it failed"
      aside={
        mayRetry &&
        groups.length > 1 && <RetryButton deployment={deployment} label={`Retry all ${count(houses)} that failed`} />
      }
    >
      <ul className={styles.groups}>
        {groups.map((group) => (
          <li key={group.key}>
            <header className={styles.header}>
              <h3>
                <b>{plural(group.houses, 'house')}</b> {causeTitle(group.code)}
              </h3>
              {group.message !== '' && <p className={styles.message}>{group.message}</p>}
              <small>
                {[
                  ...(group.step === '' ? [] : [stepText(group.step)]),
                  rolledBackText(group.rolledBack, group.houses),
                ].join('; ')}
              </small>
            </header>
            {group.suggestion !== '' && (
              <p className={styles.suggestion}>
                <Sparkles size={15} aria-hidden /> {group.suggestion}
              </p>
            )}
            <div className={styles.buttons}>
              {mayRetry && (
                <RetryButton
                  deployment={deployment}
                  failure={group.key}
                  label={group.houses === 1 ? 'Retry it' : `Retry these ${count(group.houses)}`}
                />
              )}
              <Button
                variant="default"
                aria-pressed={chosen === group.key}
                onClick={() => onChoose(chosen === group.key ? undefined : group.key)}
              >
                {chosen === group.key ? 'Show all houses' : 'Show the houses'}
              </Button>
            </div>
            {group.example.logSlice.length > 0 && (
              <details className={styles.log}>
                <summary>What the log of {group.example.deviceName} says there</summary>
                <LogLines label={`Log of ${group.example.deviceName}`} lines={group.example.logSlice} />
                <Link {...paths.deployment(deployment.id, { house: group.example.deviceId })}>Open this house</Link>
              </details>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function RetryButton({ deployment, failure, label }: { deployment: Deployment; failure?: string; label: string }) {
  const navigate = useNavigate();
  const retry = useChange(
    () =>
      request(retryDeployment, {
        params: { id: deployment.id },
        body: failure === undefined ? {} : { failure },
      }),
    { outdated: [keys.deployments], done: 'A new deployment tries them again.' },
  );
  return (
    <Button
      variant="light"
      leftSection={<RotateCcw size={15} />}
      loading={retry.isPending}
      onClick={() =>
        retry.mutate(undefined, {
          onSuccess: ({ id }) => void navigate(paths.deployment(id)),
          onError: (error) => void toastError('Not tried again', error),
        })
      }
    >
      {label}
    </Button>
  );
}
