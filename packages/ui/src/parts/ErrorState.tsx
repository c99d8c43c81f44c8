import { ApiError } from '@lovely/api';
import { Button } from '@mantine/core';
import { CloudOff, RotateCw } from 'lucide-react';
import { EmptyState } from './EmptyState.tsx';
import { errorText } from './error-text.ts';
import styles from './State.module.css';

/** What failed, the code and request id to quote, and the way to try again. */
export function ErrorState({
  error,
  onRetry,
  isPage = false,
}: {
  error: unknown;
  onRetry: () => void;
  isPage?: boolean;
}) {
  const problem = error instanceof ApiError ? error.problem : undefined;
  return (
    <div role="alert">
      <EmptyState
        icon={CloudOff}
        tone="bad"
        isPage={isPage}
        title={problem?.title ?? 'The server did not answer'}
        detail={errorText(error)}
      >
        <Button variant="default" leftSection={<RotateCw size={15} />} onClick={onRetry}>
          Retry
        </Button>
        {problem && (
          <p className={styles.code}>
            {problem.code}
            {problem.requestId !== '' && ` · request ${problem.requestId}`}
          </p>
        )}
      </EmptyState>
    </div>
  );
}
