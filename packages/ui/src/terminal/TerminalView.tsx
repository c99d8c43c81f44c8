import '@xterm/xterm/css/xterm.css';
import { ActionIcon, Button, Tooltip, useComputedColorScheme } from '@mantine/core';
import { ClipboardPaste, Maximize2, Minimize2, RotateCw } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { deviceConnectUrl } from '../paths.ts';
import { EXTRA_KEYS } from './keys.ts';
import { TerminalScreen, type ScreenState } from './screen.ts';
import type { EndReason, SessionState } from './session.ts';
import styles from './TerminalView.module.css';

export function TerminalView({ deviceId, isConnected }: { deviceId: string; isConnected: boolean }) {
  const [isLarge, setLarge] = useState(false);
  const [{ session: state, isCtrlHeld }, setState] = useState<ScreenState>({
    session: { kind: 'connecting' },
    isCtrlHeld: false,
  });
  const [screen, setScreen] = useState<TerminalScreen>();
  const holder = useRef<HTMLDivElement>(null);
  const toolbar = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('dark');

  const open = useEffectEvent((element: HTMLElement, url: string) => {
    return new TerminalScreen(element, {
      url,
      scheme,
      onState: setState,
      onLeave: () => toolbar.current?.querySelector('button')?.focus(),
    });
  });
  useEffect(() => {
    const opened = open(holder.current!, deviceConnectUrl(deviceId, location.origin));
    setScreen(opened);
    return () => opened.close();
  }, [deviceId]);
  useEffect(() => screen?.setScheme(scheme), [screen, scheme]);

  return (
    <section className={styles.terminal} data-large={isLarge || undefined} aria-label="Terminal">
      <div className={styles.bar} ref={toolbar}>
        <output className={styles.state} data-kind={state.kind}>
          <i />
          {LABELS[state.kind]}
        </output>
        <span className={styles.hint}>Shift + Esc leaves the terminal</span>
        <Tooltip label="Paste">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Paste"
            onClick={() => void screen?.paste()}
            disabled={state.kind !== 'running'}
          >
            <ClipboardPaste size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={isLarge ? 'Smaller' : 'Fill the screen'}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={isLarge ? 'Smaller' : 'Fill the screen'}
            onClick={() => {
              setLarge(!isLarge);
              screen?.focus();
            }}
          >
            {isLarge ? <Minimize2 size={16} /> : <Maximize2 size={16} />}
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={styles.screen} ref={holder} />
      <div className={styles.keys} role="toolbar" aria-label="Keys">
        {EXTRA_KEYS.map((key) => (
          <button
            key={key}
            type="button"
            aria-pressed={key === 'Ctrl' ? isCtrlHeld : undefined}
            // Keeps the focus, and with it the phone's keyboard, in the terminal.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => screen?.press(key)}
          >
            {key}
          </button>
        ))}
      </div>
      {state.kind === 'ended' && (
        <div className={styles.ended} role="alert">
          <span>
            <b>{TITLES[state.reason]}</b> {explain(state, isConnected)}
          </span>
          <Button
            size="xs"
            leftSection={<RotateCw size={14} />}
            onClick={() => screen?.connect()}
            disabled={!isConnected}
          >
            {state.reason === 'exited' ? 'New session' : 'Reconnect'}
          </Button>
        </div>
      )}
    </section>
  );
}

const LABELS: Record<SessionState['kind'], string> = {
  connecting: 'Connecting',
  starting: 'Starting the shell',
  running: 'Connected',
  ended: 'Ended',
};

const TITLES: Record<EndReason, string> = {
  exited: 'The shell has ended.',
  unopened: 'The terminal could not be opened.',
  silent: 'The gateway does not answer.',
  limit: 'Too many terminals are open.',
  offline: 'The gateway is not connected.',
  refused: 'The gateway refused the terminal.',
  lost: 'The connection was lost.',
};

function explain(state: Extract<SessionState, { kind: 'ended' }>, isConnected: boolean): string {
  if (!isConnected) return 'It is offline now; you can reconnect when it is back.';
  switch (state.reason) {
    case 'exited':
      return '';
    case 'limit':
      return 'Close another terminal of this gateway, yours or a colleague’s, and try again.';
    case 'silent':
      return 'It is connected, but starts no shell. Try again in a moment.';
    case 'unopened':
    case 'offline':
    case 'refused':
    case 'lost':
      return state.detail;
  }
}
