import type { AuditEntry } from '@lovely/api';
import { Minus, Plus } from 'lucide-react';
import styles from './ChangeTable.module.css';

/** What a change changed: before and after side by side, told apart by sign and place too, not by colour alone. */
export function ChangeTable({ change }: { change: NonNullable<AuditEntry['change']> }) {
  return (
    <table className={styles.change}>
      <thead>
        <tr>
          <th scope="col">Changed</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(change).map(([name, { before, after }]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td data-side="before">
              <Minus size={13} aria-hidden />
              <pre>{valueText(before)}</pre>
            </td>
            <td data-side="after">
              <Plus size={13} aria-hidden />
              <pre>{valueText(after)}</pre>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
