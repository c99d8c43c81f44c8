/** The log: one JSON line an event, secrets redacted by name wherever they might slip in. */
import { pino, type Logger } from 'pino';

export type Log = Logger;

const SECRETS = ['password', 'token', 'authorization', 'cookie', 'key', 'secret', 'code'];

export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    serializers: { error: pino.stdSerializers.err },
  });
}
