import { useEffect, useRef, useState } from 'react';

/** For what opens over a page and is gone when it is not rendered: the focus goes back to where it came from, or to the page. */
export function useReturnFocus(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      else focusPage();
    },
    [opener],
  );
}

/** For pages whose buttons go when they have done what they do: the focus then stays on the page. */
export function useKeptFocus(): void {
  const last = useRef<EventTarget>(null);
  useEffect(() => {
    const keep = ({ target }: FocusEvent): void => void (last.current = target);
    document.addEventListener('focusin', keep);
    return () => document.removeEventListener('focusin', keep);
  }, []);
  useEffect(() => {
    if (document.activeElement !== document.body) return;
    if (last.current instanceof HTMLElement && !last.current.isConnected) focusPage();
  });
}

function focusPage(): void {
  document.querySelector('main')?.focus({ preventScroll: true });
}
