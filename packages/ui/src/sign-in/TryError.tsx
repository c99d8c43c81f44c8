/** Why signing in was refused; after too many tries, how long to wait. */
import { Hourglass } from 'lucide-react';
import { FormError } from '../parts/FormError.tsx';
import { Notice } from '../parts/Notice.tsx';
import { secondsToWait, type Wait } from './wait.ts';

export function TryError({ error, wait }: { error: unknown; wait: Wait }) {
  const seconds = secondsToWait(error);
  if (seconds === undefined) return <FormError error={error} />;
  if (wait.isOver)
    return (
      <Notice icon={Hourglass} tone="ok" title="Thanks for waiting.">
        You can try again now.
      </Notice>
    );
  return (
    <div role="alert">
      <Notice icon={Hourglass} tone="warn" title="Too many tries">
        {/* Read out once, not every second. */}
        <span className="visually-hidden">You can try again in {seconds} seconds.</span>
        <span aria-hidden>
          You can try again in <b className="numeric">{wait.left}</b>.
        </span>
      </Notice>
    </div>
  );
}
