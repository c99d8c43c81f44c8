/** Listens for the shortcuts of every page, and shows them on `?`. */
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState } from 'react';
import { SHORTCUT_GAP_MS } from '../limits.ts';
import { paths } from '../paths.ts';
import { shortcutReader, type ShortcutAction } from './shortcut.ts';

const ShortcutHelp = lazy(async () => ({ default: (await import('./ShortcutHelp.tsx')).ShortcutHelp }));

export function Shortcuts() {
  const [isHelpOpen, setHelpOpen] = useState(false);
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const reader = useRef(shortcutReader(SHORTCUT_GAP_MS));

  /** Says whether there was something to do. */
  const act = (action: ShortcutAction): boolean => {
    switch (action) {
      case 'map':
      case 'devices':
      case 'alerts':
      case 'software':
      case 'deployments':
        void navigate(paths[action]());
        return true;
      case 'terminal':
        if (id === undefined) return false;
        void navigate(paths.device(id, 'terminal'));
        return true;
      case 'filter': {
        const field = document.querySelector<HTMLInputElement>('input[data-filter]');
        field?.focus();
        return field !== null;
      }
      case 'help':
        setHelpOpen(true);
        return true;
    }
  };

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const action = reader.current(event.key, event.timeStamp);
    if (action !== undefined && act(action)) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);

  return (
    isHelpOpen && (
      <Suspense>
        <ShortcutHelp onClose={() => setHelpOpen(false)} />
      </Suspense>
    )
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
