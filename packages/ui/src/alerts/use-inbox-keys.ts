import { useEffect, useEffectEvent } from 'react';
import { isTyping } from '../parts/use-row-keys.ts';

/** j and k go through the rows of the inbox, x ticks the chosen one, e resolves it or what is ticked. */
export function useInboxKeys({
  ids,
  chosen,
  onChoose,
  onTick,
  onResolve,
}: {
  ids: readonly string[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
  onTick: (id: string) => void;
  onResolve: () => void;
}): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const at = chosen === undefined ? -1 : ids.indexOf(chosen);
    const go = (index: number): void => {
      const id = ids[index];
      if (id === undefined) return;
      onChoose(id);
      document.querySelector<HTMLElement>(`[data-group="${CSS.escape(id)}"]`)?.focus();
    };
    switch (event.key) {
      case 'j':
        return go(Math.min(at + 1, ids.length - 1));
      case 'k':
        return go(Math.max(at - 1, 0));
      case 'x':
        return chosen === undefined ? undefined : onTick(chosen);
      case 'e':
        return onResolve();
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}
