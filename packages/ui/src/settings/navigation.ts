/** What the settings have, in groups, and the permission without which an entry is hidden. */
import type { Permission } from '@lovely/api';
import type { LinkProps } from '@tanstack/react-router';
import { Info, ShieldCheck, UserRound, type LucideIcon } from 'lucide-react';
import { paths } from '../paths.ts';

export interface SettingsEntry {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly link: Pick<LinkProps, 'to'>;
  /** For everybody where it is missing. */
  readonly needs?: Permission;
}

export interface SettingsGroup {
  readonly label: string;
  readonly entries: readonly SettingsEntry[];
}

export const SETTINGS_GROUPS: readonly SettingsGroup[] = [
  {
    label: 'Personal',
    entries: [
      { label: 'Account', icon: UserRound, link: paths.account() },
      { label: 'Security', icon: ShieldCheck, link: paths.security() },
    ],
  },
  {
    label: 'System',
    entries: [{ label: 'About', icon: Info, link: paths.about() }],
  },
];
