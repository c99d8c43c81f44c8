import type { DeploymentDetail } from '@lovely/api';
import { Card } from '../parts/Card.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import styles from './DeploymentEvents.module.css';

const KINDS: Readonly<Record<DeploymentDetail['events'][number]['kind'], string>> = {
  created: 'Made',
  started: 'Began',
  phase: 'Next phase',
  paused: 'Paused',
  continued: 'Continued',
  aborted: 'Aborted',
  finished: 'Finished',
  changed: 'Changed',
};

/** What happened to the deployment as a whole, newest first. */
export function DeploymentEvents({ deployment }: { deployment: DeploymentDetail }) {
  return (
    <Card title="What happened">
      <ol className={styles.events}>
        {deployment.events.map((event, index) => (
          <li key={index} data-kind={event.kind}>
            <span>
              <b>{KINDS[event.kind]}</b>
              {event.by !== null && ` by ${event.by}`}
              {event.text !== '' && `: ${event.text}`}
            </span>
            <RelativeTime time={event.at} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
