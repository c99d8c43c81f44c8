/** Buttons for the systems through which one may sign in, e.g. a company's own. */
import { PATHS } from '@lovely/api';
import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Building2 } from 'lucide-react';
import { TYPING_PAUSE_MS } from '../limits.ts';
import { providersQuery } from './queries.ts';

const WHOLE_ADDRESS = /^\S+@\S+\.\S{2,}$/;

export function Providers({ email }: { email: string }) {
  const [typed] = useDebouncedValue(WHOLE_ADDRESS.test(email.trim()) ? email.trim() : '', TYPING_PAUSE_MS);
  const { data } = useQuery({ ...providersQuery(typed), placeholderData: keepPreviousData });
  return data?.items.map(({ id, name }) => (
    <Button
      key={id}
      component="a"
      href={PATHS.oidcStart.replace('{id}', id)}
      variant="default"
      size="md"
      leftSection={<Building2 size={17} aria-hidden />}
    >
      Sign in with {name}
    </Button>
  ));
}
