import type { ReactNode } from 'react';
import { Card } from './Card.tsx';
import { ErrorState } from './ErrorState.tsx';
import { MoreButton } from './MoreButton.tsx';
import { Waiting } from './Waiting.tsx';

interface Answer {
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  readonly refetch: () => unknown;
}
type Paged = Answer & { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** What a list needs of the query that fills it. */
export type Listing = Answer | Paged;

/** A list in a card with all its states: awaited, failed, empty, there, and more to come where it is paged. */
export function ListCard<Item>({
  title,
  aside,
  query,
  items,
  empty,
  children,
}: {
  title?: string;
  aside?: ReactNode;
  query: Listing;
  /** Undefined until there is an answer. */
  items: readonly Item[] | undefined;
  empty: ReactNode;
  children: (items: readonly Item[]) => ReactNode;
}) {
  return (
    <Card isFlush {...(title === undefined ? {} : { title })} aside={aside}>
      {query.isPending && <Waiting rows={4} />}
      {query.isError && !items && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {items && (items.length === 0 ? empty : children(items))}
      {'fetchNextPage' in query && <MoreButton query={query} />}
    </Card>
  );
}
