import { useEffect, useEffectEvent } from 'react';

/** What Escape closes, the last opened at the end. */
const open: (() => void)[] = [];

/** Calls `onEscape` for the Escape key, unless something that was opened later is still there to be closed first. */
export function useEscape(onEscape: () => void): void {
  const close = useEffectEvent(onEscape);
  useEffect(() => {
    const own = (): void => close();
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || open.at(-1) !== own) return;
      event.preventDefault();
      own();
    };
    open.push(own);
    document.addEventListener('keydown', pressed);
    return () => {
      open.splice(open.indexOf(own), 1);
      document.removeEventListener('keydown', pressed);
    };
  }, []);
}
