import { Compass } from 'lucide-react';
import { paths } from '../paths.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';

export function NotFoundPage() {
  return (
    <EmptyState icon={Compass} title="Nothing is at this address" isPage>
      <LinkButton {...paths.map()}>To the map</LinkButton>
    </EmptyState>
  );
}
