/** Where the rail and the tab bar lead. */
import { Bell, Map, Package, Rocket, Server, Settings, type LucideIcon } from 'lucide-react';
import { paths } from '../paths.ts';

interface Destination {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly link: ReturnType<(typeof paths)['map' | 'devices' | 'alerts' | 'deployments' | 'software' | 'settings']>;
  /** Which of the live counts stands beside the icon. */
  readonly badge?: 'alerts' | 'pending';
}

export const MAP: Destination = { label: 'Map', icon: Map, link: paths.map() };
export const DEVICES: Destination = { label: 'Devices', icon: Server, link: paths.devices(), badge: 'pending' };
export const ALERTS: Destination = { label: 'Alerts', icon: Bell, link: paths.alerts(), badge: 'alerts' };
export const DEPLOYMENTS: Destination = { label: 'Deployments', icon: Rocket, link: paths.deployments() };
export const SOFTWARE: Destination = { label: 'Software', icon: Package, link: paths.software() };
export const SETTINGS: Destination = { label: 'Settings', icon: Settings, link: paths.settings() };
export type { Destination };
