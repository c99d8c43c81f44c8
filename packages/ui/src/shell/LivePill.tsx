/** Whether what is shown is live: green while the channel is open, else amber with the age of the data. */
import { useLiveState, useStaleSince } from '../live/context.ts';
import { clock } from '../format/time.ts';
import { useMay } from '../may.ts';
import styles from './LivePill.module.css';

export function LivePill() {
  const state = useLiveState();
  const staleSince = useStaleSince();
  const may = useMay();
  // To somebody who may see no house nothing is told.
  if (!may('fleet.read')) return null;
  if (staleSince !== undefined)
    return (
      <output className={styles.pill} data-state="stale">
        <i />
        Reconnecting<span className={styles.age}> · data from {clock(staleSince)}</span>
      </output>
    );
  return (
    <output className={styles.pill} data-state={state.kind === 'connecting' ? 'connecting' : 'open'}>
      <i />
      {state.kind === 'connecting' ? 'Connecting' : 'Live'}
    </output>
  );
}
