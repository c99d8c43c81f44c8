/** The list of settings on a phone. A wide screen has it at the side, so there the first page opens. */
import { useMediaQuery } from '@mantine/hooks';
import { Navigate } from '@tanstack/react-router';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { SettingsNavigation } from './SettingsNavigation.tsx';

export function SettingsIndex() {
  const isWide = useMediaQuery('(min-width: 768px)', undefined, { getInitialValueInEffect: false });
  if (isWide) return <Navigate {...paths.account()} replace />;
  return (
    <>
      <PageHeader title="Settings" />
      <SettingsNavigation />
    </>
  );
}
