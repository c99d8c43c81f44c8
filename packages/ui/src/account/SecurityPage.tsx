/** How one's account is kept safe: password, second factors, where it is open, and tokens for programs. */
import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import styles from './AccountPage.module.css';
import { Codes } from './Codes.tsx';
import { FactorNeeded } from './FactorNeeded.tsx';
import { Logins } from './Logins.tsx';
import { Passkeys } from './Passkeys.tsx';
import { Password } from './Password.tsx';
import { factorsQuery } from './queries.ts';
import { Tokens } from './Tokens.tsx';

export function SecurityPage() {
  const query = useQuery(factorsQuery);
  const factors = query.data;
  return (
    <>
      <PageHeader title="Security" />
      <div className={styles.cards}>
        <FactorNeeded />
        {query.isPending && <Waiting rows={2} rowHeight={120} />}
        {query.isError && !factors && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {factors?.hasPassword && <Password />}
        {factors && <Codes factors={factors} />}
        <Passkeys />
        <Logins />
        <Tokens />
      </div>
    </>
  );
}
