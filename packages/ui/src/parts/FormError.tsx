import { ApiError } from '@lovely/api';
import { TriangleAlert } from 'lucide-react';
import { errorText } from './error-text.ts';
import styles from './FormError.module.css';

/** Why a form was refused, read out at once. */
export function FormError({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  const requestId = error instanceof ApiError ? error.problem.requestId : '';
  return (
    <div role="alert" className={styles.error}>
      <TriangleAlert size={16} aria-hidden />
      <span>
        {errorText(error)}
        {requestId !== '' && <small>request {requestId}</small>}
      </span>
    </div>
  );
}
