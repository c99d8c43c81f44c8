/** What the owner of a gateway can let others run: named commands, scripts, what sensors' programs offer, and a reboot. */
export const ACTION_KINDS = ['commands', 'scripts', 'sensors', 'reboot'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];
