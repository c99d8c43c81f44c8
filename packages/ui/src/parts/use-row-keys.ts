import { useEffect, useEffectEvent } from 'react';
import { rowLink } from './Table.tsx';

/** Moves through the rows of a page's table with j and k; x ticks the row that has the focus. */
export function useRowKeys(): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const links = [...document.querySelectorAll<HTMLElement>(`main a.${rowLink}`)];
    const row = document.activeElement?.closest('tr');
    const at = links.findIndex((link) => link.closest('tr') === row);
    switch (event.key) {
      case 'j':
        links[Math.min(at + 1, links.length - 1)]?.focus();
        break;
      case 'k':
        links[Math.max(at - 1, 0)]?.focus();
        break;
      case 'x':
        row?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click();
        break;
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}

/** Whether keys are meant for a field or a dialog. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox]), textarea, select, [role=dialog] *'))
  );
}
