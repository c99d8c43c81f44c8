/** What the keys that a phone's keyboard lacks send to the shell. */
export const EXTRA_KEYS = ['Esc', 'Tab', 'Ctrl', '←', '↑', '↓', '→'] as const;
export type ExtraKey = (typeof EXTRA_KEYS)[number];

const ARROWS: Partial<Record<ExtraKey, string>> = { '↑': 'A', '↓': 'B', '→': 'C', '←': 'D' };

/** The bytes of a key as text. Programs such as vim switch the arrows to "application" mode. Ctrl alone sends nothing. */
export function keySequence(key: ExtraKey, isApplicationMode: boolean): string {
  if (key === 'Esc') return '\x1b';
  if (key === 'Tab') return '\t';
  const arrow = ARROWS[key];
  return arrow === undefined ? '' : `\x1b${isApplicationMode ? 'O' : '['}${arrow}`;
}

/** A character with Ctrl held down: "c" → 0x03. Others, e.g. a pasted text, stay as they are. */
export function withCtrl(data: string): string {
  return /^[a-zA-Z@[\\\]^_ ]$/.test(data) ? String.fromCharCode(data.toUpperCase().charCodeAt(0) & 0x1f) : data;
}

/** xterm gives mouse reports as a string of bytes. */
export function bytesOfBinary(data: string): Uint8Array {
  return Uint8Array.from(data, (character) => character.charCodeAt(0) & 0xff);
}
