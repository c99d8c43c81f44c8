/** What stands on the map while there is no house: the way to the first one. */
import { Home } from 'lucide-react';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { paths } from '../paths.ts';
import styles from './EmptyFleet.module.css';

export function EmptyFleet({ pending }: { pending: number }) {
  const may = useMay();
  const mayAccept = may('device.accept');
  return (
    <div className={styles.card}>
      <EmptyState
        icon={Home}
        title={
          pending > 0 ? `${plural(pending, 'gateway')} ${pending === 1 ? 'waits' : 'wait'} to join` : 'No house yet'
        }
        detail={
          pending > 0
            ? 'Compare its fingerprint, accept it, and it appears on the map.'
            : mayAccept
              ? 'It takes one command on a gateway; its house then lights up here.'
              : 'Houses light up here as soon as somebody connects one that you may see.'
        }
      >
        {pending > 0 && <LinkButton {...paths.pending()}>See who is waiting</LinkButton>}
        {mayAccept && (
          <LinkButton {...paths.connect()} variant={pending > 0 ? 'default' : 'filled'}>
            Connect your first home
          </LinkButton>
        )}
      </EmptyState>
    </div>
  );
}
