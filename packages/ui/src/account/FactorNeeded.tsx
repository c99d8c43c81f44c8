/** Says so when the organisation asks for a second step, and this account has none yet. */
import { useQuery } from '@tanstack/react-query';
import { ShieldAlert } from 'lucide-react';
import { Notice } from '../parts/Notice.tsx';
import { factorsQuery } from './queries.ts';

export function FactorNeeded() {
  const { data: factors } = useQuery(factorsQuery);
  if (!factors?.isRequired || factors.totp.isActive || factors.passkeys > 0) return null;
  return (
    <Notice icon={ShieldAlert} tone="warn" title="One more thing before you go on">
      Your organisation asks everybody for a second step at sign-in. Set up codes of an app, or add a passkey. It takes
      a minute.
    </Notice>
  );
}
