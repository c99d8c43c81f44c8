/**
 * A key like "999" is an array index to a JavaScript engine, which allocates all slots up to it: 7 bytes of input would
 * cost 8 KB. Reader and writer therefore count such slots as values. Further up engines keep a table instead.
 */
const SLOT_MAX = 1023;

/** The slot that a key like "17" takes, else −1. */
export function slotOf(key: string): number {
  if (key.length === 0 || key.length > 4 || key.charCodeAt(0) > 0x39) return -1;
  const slot = Number(key);
  return Number.isInteger(slot) && slot >= 0 && slot <= SLOT_MAX && String(slot) === key ? slot : -1;
}
