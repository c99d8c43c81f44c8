/** What the person who is signed in may do: pages hide what the server would refuse. */
import type { Permission } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { deviceQuery, meQuery } from './api.ts';

/** Whether the person has this permission, for all devices or for some. */
export function useMay(): (permission: Permission) => boolean {
  const { data: me } = useQuery(meQuery);
  return (permission) => me?.permissions[permission] !== undefined;
}

/** Whether the person has this permission for this device; not before that is known. */
export function useMayFor(deviceId: string): (permission: Permission) => boolean {
  const { data: device } = useQuery(deviceQuery(deviceId));
  return (permission) => device?.permissions.includes(permission) ?? false;
}
