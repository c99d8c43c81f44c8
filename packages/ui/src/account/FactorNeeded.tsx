/** Says so when the organisation asks for a second step, and there was none at sign-in. Nothing else works until then. */
import { useQuery } from '@tanstack/react-query';
import { ShieldAlert } from 'lucide-react';
import { meQuery } from '../api.ts';
import { Notice } from '../parts/Notice.tsx';
import { factorsQuery } from './queries.ts';

export function FactorNeeded() {
  const { data: me } = useQuery(meQuery);
  const { data: factors } = useQuery(factorsQuery);
  if (!me?.mustSetUpSecondFactor || !factors) return null;
  return (
    <Notice icon={ShieldAlert} tone="warn" title="One more thing before you go on">
      {me.tenant.name} asks everybody for a second step at sign-in.{' '}
      {factors.passkeys > 0
        ? 'Sign out and in again with your passkey, or set up codes of an app.'
        : 'Set up codes of an app, or add a passkey. It takes a minute.'}
    </Notice>
  );
}
