/**
 * The version of the message catalogue. One number, one dated line for each change; readers ignore keys they don't
 * know, so that a new key needs no new version, but a new meaning does.
 *
 *  1  2026-11-22  control, shell, status, alert, inventory; map and feed on the browser's channel
 *  2  2026-11-23  sensors
 *  3  2026-11-23  control clock, alert batch
 *  4  2026-11-23  command, configuration
 *  5  2026-11-23  alert rules in parts, with kinds of watches, of sensors too
 *  6  2026-11-23  update
 *  7  2026-11-23  configuration reverted, and what could not be applied
 */
export const PROTOCOL_VERSION = 7;
