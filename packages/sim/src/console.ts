/** The terminal of a simulated gateway: no program of the real host runs, but what the alerts suggest works. */
import type { OpenPty, Pty } from '@lovely/client';
import { runCommand, type ConsoleHost } from './commands.ts';
import { CONSOLE_LINE_LENGTH_MAX } from './limits.ts';

const text = new TextEncoder();
const CONTROL_C = '\x03';
const CONTROL_D = '\x04';
const BACKSPACE = '\x7f';
/** What arrow and function keys send (ECMA-48 section 5.4): nothing here knows them. */
const KEY_SEQUENCE = /\x1b(\[[0-9;?]*[ -/]*[@-~]|O.|.)/g;

export function consoleOf(host: ConsoleHost): OpenPty {
  return ({ output, ended }) => openConsole(host, output, ended);
}

function openConsole(host: ConsoleHost, output: (bytes: Uint8Array) => void, ended: () => void): Pty {
  const decoder = new TextDecoder();
  const prompt = `root@${host.house.serial.toLowerCase()}:~# `;
  let line = '';
  let isOpen = true;

  const print = (words: string): void => output(text.encode(words.replaceAll('\n', '\r\n')));

  function type(character: string): void {
    if (character === '\r' || character === '\n') enter();
    else if (character === CONTROL_C) cancel();
    else if (character === CONTROL_D && line === '') leave();
    else if (character === BACKSPACE || character === '\b') erase();
    else if (character >= ' ' && line.length < CONSOLE_LINE_LENGTH_MAX) {
      line += character;
      print(character);
    }
  }

  function enter(): void {
    const command = line.trim();
    line = '';
    print('\n');
    if (command === 'exit' || command === 'logout') return leave();
    print(runCommand(host, command));
    print(prompt);
  }

  function cancel(): void {
    line = '';
    print(`^C\n${prompt}`);
  }

  function erase(): void {
    if (line === '') return;
    line = line.replace(/.$/u, '');
    print('\b \b');
  }

  function leave(): void {
    isOpen = false;
    print('logout\n');
    ended();
  }

  // In a later turn, so that the person hears first that the shell has started.
  queueMicrotask(() => {
    if (isOpen) print(`A simulated gateway: ${host.house.name}. Type help for what it knows.\n${prompt}`);
  });
  return {
    write(bytes) {
      for (const character of decoder.decode(bytes, { stream: true }).replace(KEY_SEQUENCE, '')) {
        if (isOpen) type(character);
      }
    },
    resize: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => void (isOpen = false),
  };
}
