import type { Result, verifyAudit } from '@lovely/api';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { count, plural } from '../format/number.ts';
import { FormError } from '../parts/FormError.tsx';
import { Notice } from '../parts/Notice.tsx';
import styles from './ChainResult.module.css';

/** What came of verifying the chain: said in words, read out at once. */
export function ChainResult({
  query: { data, error },
}: {
  query: { data: Result<typeof verifyAudit> | undefined; error: unknown };
}) {
  return (
    <output className={styles.result}>
      <FormError error={error} />
      {data?.intact && (
        <Notice icon={ShieldCheck} tone="ok" title="The chain holds">
          {plural(data.entries, 'entry', 'entries')} looked at: none is missing, none was changed.
        </Notice>
      )}
      {data && !data.intact && (
        <Notice icon={ShieldAlert} tone="warn" title="The chain is broken">
          {data.brokenAt === null ? 'An' : `Entry ${count(data.brokenAt)} does not fit the one before it: an`} entry was
          changed or removed in the database itself. Everything before it can be trusted; ask who had access.
        </Notice>
      )}
    </output>
  );
}
