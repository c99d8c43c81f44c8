/** What the settings have, in groups, and the permission without which an entry is hidden. */
import type { Permission } from '@lovely/api';
import type { LinkProps } from '@tanstack/react-router';
import {
  BellRing,
  Building2,
  CodeXml,
  FileBadge,
  Group,
  Info,
  KeySquare,
  ListChecks,
  LogIn,
  QrCode,
  ScrollText,
  ShieldCheck,
  SlidersHorizontal,
  SlidersVertical,
  UserRound,
  UserRoundCog,
  Users,
  Webhook,
  Wrench,
  type LucideIcon,
} from 'lucide-react';
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
    label: 'Organisation',
    entries: [
      { label: 'General', icon: SlidersHorizontal, link: paths.general(), needs: 'fleet.read' },
      { label: 'People', icon: Users, link: paths.people(), needs: 'people.read' },
      { label: 'Roles', icon: UserRoundCog, link: paths.roles(), needs: 'people.read' },
      { label: 'Groups', icon: Group, link: paths.groups(), needs: 'fleet.read' },
      { label: 'Configuration', icon: SlidersVertical, link: { to: paths.configurations().to }, needs: 'fleet.read' },
      { label: 'Join codes', icon: QrCode, link: paths.joinCodes(), needs: 'tenant.write' },
      { label: 'Sign-in providers', icon: LogIn, link: paths.signInProviders(), needs: 'tenant.write' },
      { label: 'Certificates', icon: FileBadge, link: paths.certificates(), needs: 'tenant.write' },
      { label: 'Trusted keys', icon: KeySquare, link: paths.trustedKeys(), needs: 'fleet.read' },
      { label: 'Webhooks', icon: Webhook, link: paths.webhooks(), needs: 'webhook.write' },
      { label: 'Audit log', icon: ScrollText, link: paths.audit(), needs: 'audit.read' },
    ],
  },
  {
    label: 'Alerts',
    entries: [
      { label: 'Rules', icon: ListChecks, link: paths.rules(), needs: 'fleet.read' },
      { label: 'Fixes', icon: Wrench, link: paths.fixes(), needs: 'fleet.read' },
      { label: 'Notifications', icon: BellRing, link: paths.notifications(), needs: 'notification.write' },
    ],
  },
  {
    label: 'System',
    entries: [
      { label: 'Organisations', icon: Building2, link: paths.tenants(), needs: 'system.admin' },
      { label: 'API', icon: CodeXml, link: paths.apiDocs() },
      { label: 'About', icon: Info, link: paths.about() },
    ],
  },
];
