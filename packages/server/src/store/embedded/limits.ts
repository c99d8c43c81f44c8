// How long the launcher waits and how often it tries again.

/** A start that replays much write-ahead log after a power cut may take minutes. */
export const readyTimeoutMs = 300_000;
/** For a fast shutdown, which writes a checkpoint. */
export const stopFastTimeoutMs = 20_000;
/** For an immediate shutdown: PostgreSQL itself kills its children after five seconds. */
export const stopImmediateTimeoutMs = 7_000;
/** For the kernel to take away what was killed. */
export const stopKillTimeoutMs = 5_000;
/** For shared memory of a killed server to become free again. */
export const takeoverTimeoutMs = 30_000;
/** For the last lines of a server that has ended; an orphan of it may keep the pipe open for longer. */
export const outputTimeoutMs = 500;
export const pollIntervalMs = 10;
export const retryIntervalMs = 100;
export const portsTriedMax = 10;
/** Lines of PostgreSQL's output kept for an error message. */
export const logTailLinesMax = 20;
export const logLineBytesMax = 8_192;
