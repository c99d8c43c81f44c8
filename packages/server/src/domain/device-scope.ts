/** Which devices of a tenant somebody may see or touch. */
import type { DeviceFilter } from '@lovely/api';

/** A group by what decides who is in it. */
export type DeviceGroup =
  | { readonly id: string; readonly kind: 'static' }
  | { readonly id: string; readonly kind: 'dynamic'; readonly filter: DeviceFilter };

export type DeviceScope = { readonly kind: 'all' } | { readonly kind: 'some'; readonly groups: readonly DeviceGroup[] };

export const ALL_DEVICES: DeviceScope = { kind: 'all' };

/** The same text for scopes of the same devices, whoever has them: it names each group with what decides who is in it. */
export function scopeKey(scope: DeviceScope): string {
  if (scope.kind === 'all') return 'all';
  return JSON.stringify(
    scope.groups
      .map((group) => (group.kind === 'static' ? [group.id] : [group.id, group.filter]))
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
  );
}

/** Whether this group is one of those that the scope is made of. */
export function isOfGroup(scope: DeviceScope, groupId: string): boolean {
  return scope.kind === 'some' && scope.groups.some(({ id }) => id === groupId);
}

/** Whether a change of a device's health can take it into the scope or out of it. */
export function dependsOnHealth(scope: DeviceScope): boolean {
  return (
    scope.kind === 'some' &&
    scope.groups.some(
      (group) =>
        group.kind === 'dynamic' &&
        group.filter.all.some((condition) => condition.scope === 'system' && condition.attribute === 'health'),
    )
  );
}
