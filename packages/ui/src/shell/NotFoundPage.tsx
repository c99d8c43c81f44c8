import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { paths } from '../paths.ts';
import { EmptyState } from '../parts/EmptyState.tsx';

export function NotFoundPage() {
  return (
    <EmptyState icon={Compass} title="Nothing is at this address" isPage>
      <Button component={Link} {...paths.map()}>
        To the map
      </Button>
    </EmptyState>
  );
}
