/** Pseudo-terminals by Bun. */
import { SHELL_DRAIN_MS, SHELL_KILL_MS } from '../limits.ts';
import type { OpenPty } from './pty.ts';

// termios(3): the terminal obeys XOFF and XON.
const IXON = 0o2000;
const XOFF = '\x13';
const XON = '\x11';

export const openBunPty: OpenPty = ({ program, folder, environment, columns, rows, output, ended }) => {
  let hasEnded = false;
  let isPaused = false;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    ended();
  };
  const child = Bun.spawn([program], {
    cwd: folder,
    env: environment,
    terminal: { cols: columns, rows, data: (_, bytes) => output(bytes.slice()), exit: end },
    // A program left in the background keeps the terminal open, so its end alone may never come.
    onExit: () => void setTimeout(end, SHELL_DRAIN_MS),
  });
  const terminal = child.terminal!;
  return {
    write: (bytes) => void terminal.write(bytes),
    resize: (width, height) => terminal.resize(width, height),
    // Bun reads as fast as it can, so it is the line discipline that must hold the program back.
    pause: () => {
      if (isPaused || terminal.closed || (terminal.inputFlags & IXON) === 0) return;
      isPaused = true;
      terminal.write(XOFF);
    },
    resume: () => {
      if (isPaused && !terminal.closed) terminal.write(XON);
      isPaused = false;
    },
    close: () => {
      terminal.close();
      const killing = setTimeout(() => child.kill('SIGKILL'), SHELL_KILL_MS);
      void child.exited.finally(() => clearTimeout(killing));
    },
  };
};
