import { useNowText } from '../format/use-now.ts';
import { CopyLine } from '../parts/CopyLine.tsx';
import { diagnosticCommand } from './command.ts';
import styles from './WhatToCheck.module.css';

const PATIENCE_MS = 60_000;

/** Help for somebody who has waited a minute for a gateway. */
export function WhatToCheck({ since, server }: { since: number; server: string }) {
  const isLate = useNowText((now) => (now - since > PATIENCE_MS ? 'late' : '')) === 'late';
  if (!isLate) return null;
  return (
    <div className={styles.help}>
      <b>Nothing yet. What to check on the gateway:</b>
      <ul>
        <li>Its clock: a wrong date makes every certificate invalid.</li>
        <li>Port {new URL(server).port || '443'}: it must reach this server through firewall and proxy.</li>
        <li>The address: “localhost” means this very machine; elsewhere use the server’s name.</li>
      </ul>
      <CopyLine text={diagnosticCommand(server)} />
    </div>
  );
}
