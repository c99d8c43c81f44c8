/** The log: one JSON line an event, secrets redacted by name wherever they might slip in. */
import { pino, type Logger } from 'pino';

export type Log = Logger;

const SECRETS = ['password', 'token', 'authorization', 'cookie', 'key', 'secret'];

export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // The set-up code stands in no object; deeper down, `code` is what an error of PostgreSQL or the bus is known by.
    redact: { paths: ['code', ...SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])], censor: '[redacted]' },
    serializers: { error: pino.stdSerializers.err },
  });
}
