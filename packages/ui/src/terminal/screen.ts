/** xterm.js in an element, and the session it shows: everything of the terminal that is not React. */
import { FitAddon } from '@xterm/addon-fit';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { bytesOfBinary, keySequence, withCtrl, type ExtraKey } from './keys.ts';
import { TerminalSession, type SessionState } from './session.ts';
import { TERMINAL_THEMES } from './theme.ts';

const SCROLLBACK_LINES = 5_000;
const text = new TextEncoder();

export interface ScreenState {
  readonly session: SessionState;
  /** Ctrl of the extra keys is held down for the next key. */
  readonly isCtrlHeld: boolean;
}

export interface ScreenOptions {
  readonly url: string;
  readonly scheme: 'dark' | 'light';
  readonly onState: (state: ScreenState) => void;
  /** The keyboard wants out of the terminal: Tab belongs to the shell. */
  readonly onLeave: () => void;
}

export class TerminalScreen {
  readonly #options: ScreenOptions;
  readonly #terminal: Terminal;
  readonly #observer: ResizeObserver;
  #session: TerminalSession | undefined;
  #state: ScreenState = { session: { kind: 'connecting' }, isCtrlHeld: false };

  constructor(element: HTMLElement, options: ScreenOptions) {
    this.#options = options;
    const terminal = new Terminal({
      fontFamily: getComputedStyle(element).getPropertyValue('--font-mono'),
      fontSize: 13,
      lineHeight: 1.2,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      scrollback: SCROLLBACK_LINES,
      theme: TERMINAL_THEMES[options.scheme],
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.loadAddon(new WebLinksAddon());
    terminal.open(element);
    terminal.attachCustomKeyEventHandler((event) => this.#onKey(event));
    terminal.onData((data) => this.#input(data));
    terminal.onBinary((data) => this.#session?.input(bytesOfBinary(data)));
    terminal.onResize(({ cols, rows }) => this.#session?.resize({ columns: cols, rows }));
    this.#terminal = terminal;
    this.#observer = new ResizeObserver(() => fit.fit());
    this.#observer.observe(element);
    fit.fit();
    this.connect();
  }

  /** Opens a shell on an empty screen; the one before, if any, is ended. */
  connect(): void {
    const before = this.#session;
    this.#session = undefined;
    before?.close();
    this.#terminal.reset();
    this.#enter({ session: { kind: 'connecting' }, isCtrlHeld: false });
    const session = new TerminalSession({
      url: this.#options.url,
      size: { columns: this.#terminal.cols, rows: this.#terminal.rows },
      onOutput: (bytes) => this.#terminal.write(bytes),
      onState: (state) => this.#session === session && this.#enter({ ...this.#state, session: state }),
    });
    this.#session = session;
    this.#terminal.focus();
  }

  press(key: ExtraKey): void {
    if (key === 'Ctrl') this.#enter({ ...this.#state, isCtrlHeld: !this.#state.isCtrlHeld });
    else this.#input(keySequence(key, this.#terminal.modes.applicationCursorKeysMode));
    this.#terminal.focus();
  }

  async paste(): Promise<void> {
    this.#terminal.paste(await navigator.clipboard.readText());
    this.#terminal.focus();
  }

  focus(): void {
    this.#terminal.focus();
  }

  setScheme(scheme: 'dark' | 'light'): void {
    this.#terminal.options.theme = TERMINAL_THEMES[scheme];
  }

  close(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.close();
    this.#observer.disconnect();
    this.#terminal.dispose();
  }

  #input(data: string): void {
    const { isCtrlHeld } = this.#state;
    if (isCtrlHeld) this.#enter({ ...this.#state, isCtrlHeld: false });
    this.#session?.input(text.encode(isCtrlHeld ? withCtrl(data) : data));
  }

  /**
   * Keys that are not for the shell; false means that xterm leaves them alone. Ctrl+C copies while something is
   * selected and interrupts otherwise; Ctrl+Shift+V and Cmd+V are the browser's paste, which xterm brackets.
   */
  #onKey(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true;
    const key = event.key.toLowerCase();
    if (event.shiftKey && key === 'escape') {
      this.#options.onLeave();
      return false;
    }
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && key === 'c' && this.#terminal.hasSelection()) {
      void navigator.clipboard.writeText(this.#terminal.getSelection());
      this.#terminal.clearSelection();
      event.preventDefault();
      return false;
    }
    return !(isCommand && key === 'v' && (event.shiftKey || event.metaKey));
  }

  #enter(state: ScreenState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
