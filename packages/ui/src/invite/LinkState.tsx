/** A page that a one-time link opens, as long as there is nothing to fill in: awaited, void, or the server is away. */
import { ApiError } from '@lovely/api';
import { LinkIcon, Unlink } from 'lucide-react';
import { paths } from '../paths.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { EntryFrame } from '../shell/EntryFrame.tsx';

export function LinkState({
  title,
  query,
  isEmpty,
  advice,
}: {
  title: string;
  query: { error: unknown; refetch: () => unknown };
  /** The address has no code at all. */
  isEmpty: boolean;
  /** What to do when the link is void. */
  advice: string;
}) {
  return (
    <EntryFrame title={title}>
      {isEmpty && (
        <EmptyState
          icon={LinkIcon}
          title="The link is not whole"
          detail="Open it again from the message, or copy all of it, to the very end."
        />
      )}
      {!isEmpty && query.error === null && <Waiting rows={3} />}
      {isVoid(query.error) && (
        <EmptyState icon={Unlink} title="This link works no more" detail={advice}>
          <LinkButton {...paths.signIn()}>Sign in</LinkButton>
        </EmptyState>
      )}
      {query.error !== null && !isVoid(query.error) && (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
    </EntryFrame>
  );
}

/** Whether the server knows the code no more, and not something else went wrong. */
function isVoid(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status < 500 && error.problem.status !== 429;
}
