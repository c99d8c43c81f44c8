/** Pseudo-terminals for Node. */
import { spawn } from '@homebridge/node-pty-prebuilt-multiarch';
import { SHELL_KILL_MS } from '../limits.ts';
import type { OpenPty } from './pty.ts';

export const openNodePty: OpenPty = ({ program, folder, environment, columns, rows, output, ended }) => {
  const child = spawn(program, [], {
    cwd: folder,
    env: { ...environment },
    cols: columns,
    rows,
    name: 'xterm-256color',
    encoding: null,
  });
  let hasEnded = false;
  let killing: NodeJS.Timeout | undefined;
  // Without an encoding the data are bytes, whatever the declared type says.
  child.onData((data: string | Uint8Array) => output(typeof data === 'string' ? Buffer.from(data) : data));
  child.onExit(() => {
    hasEnded = true;
    clearTimeout(killing);
    ended();
  });
  return {
    // Bytes go through as they are, also half a character; the declared type knows strings only.
    write: (bytes) => child.write(Buffer.from(bytes) as unknown as string),
    resize: (width, height) => {
      if (!hasEnded) child.resize(width, height);
    },
    pause: () => child.pause(),
    resume: () => child.resume(),
    close: () => {
      if (hasEnded) return;
      child.kill('SIGHUP');
      killing = setTimeout(() => child.kill('SIGKILL'), SHELL_KILL_MS);
    },
  };
};
