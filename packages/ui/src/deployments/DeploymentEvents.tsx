import type { DeploymentDetail } from '@lovely/api';
import { Card } from '../parts/Card.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import styles from './DeploymentEvents.module.css';

/** What happened to the deployment as a whole, newest first. */
export function DeploymentEvents({ deployment }: { deployment: DeploymentDetail }) {
  return (
    <Card title="What happened">
      <ol className={styles.events}>
        {deployment.events.map((event, index) => (
          <li key={index} data-kind={event.kind}>
            <span>
              {event.by !== null && <b>{event.by}</b>} {event.text}
            </span>
            <RelativeTime time={event.at} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
