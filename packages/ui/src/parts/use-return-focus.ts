import { useEffect, useState } from 'react';

/** For what opens over a page and is gone when it is not rendered: the focus goes back to where it came from. */
export function useReturnFocus(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    },
    [opener],
  );
}
