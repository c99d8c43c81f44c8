/** One line for each event that an operator wants to know of. Never put a token, key or terminal content into one. */
export type LogFields = { readonly [name: string]: string | number | boolean };

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
}

export type LogFormat = 'text' | 'json';

export function createLog(format: LogFormat, write: (line: string) => void): Log {
  const at =
    (level: 'info' | 'warn') =>
    (event: string, fields: LogFields = {}) =>
      write(lineOf(format, new Date().toISOString(), level, event, fields));
  return { info: at('info'), warn: at('warn') };
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined };

function lineOf(format: LogFormat, time: string, level: string, event: string, fields: LogFields): string {
  if (format === 'json') return JSON.stringify({ time, level, event, ...fields });
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${quoted(value)}`);
  return `${time} ${level} ${event}${pairs.join('')}`;
}

/** Text from outside can't make a second line or a second field. */
function quoted(value: string | number | boolean): string {
  return typeof value === 'string' && !/^[\w./:@+-]+$/.test(value) ? JSON.stringify(value) : String(value);
}
