import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Card } from '../parts/Card.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { fixRunsQuery } from './fix-queries.ts';
import styles from './FixRuns.module.css';
import { RunStateChip } from './RunStateChip.tsx';

const SHOWN = 8;

/** The last runs of a fix, on whichever house. */
export function FixRuns({ fixId }: { fixId: string }) {
  const { data } = useInfiniteQuery(fixRunsQuery({ fixId }));
  const runs = data?.pages.flatMap(({ items }) => items).slice(0, SHOWN) ?? [];
  if (runs.length === 0) return null;
  return (
    <Card title="Last runs">
      <ul className={styles.runs}>
        {runs.map((run) => (
          <li key={run.id}>
            <span>
              <Link {...paths.device(run.deviceId)}>{run.deviceName}</Link>
              <small>
                {run.startedBy.type === 'system' ? 'by itself' : run.startedBy.name},{' '}
                <RelativeTime time={run.endedAt ?? run.createdAt} />
              </small>
            </span>
            <RunStateChip state={run.state} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
