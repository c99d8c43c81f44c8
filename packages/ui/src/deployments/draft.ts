/** A deployment while a person writes it; it stands in the address, so that it is not lost by going back or reloading. */
import { deploymentOptions, NAME_LENGTH_MAX, type DeploymentOptions, type DeploymentTarget } from '@lovely/api';
import { z } from 'zod';
import { plural } from '../format/number.ts';
import { EMPTY_CONDITION, filterOf, type ConditionDraft } from '../groups/filter-draft.ts';
import { CHOSEN_HOUSES_MAX } from '../limits.ts';
import type { NewDeploymentSearch, TargetKind } from './deployment-search.ts';

export interface Draft {
  readonly artifactName: string | undefined;
  /** Made from the others until somebody writes one. */
  readonly name: string | undefined;
  readonly to: TargetKind | undefined;
  readonly groupId: string | undefined;
  readonly conditions: readonly ConditionDraft[];
  readonly deviceIds: readonly string[];
  readonly options: DeploymentOptions;
}

const DEFAULT_OPTIONS: DeploymentOptions = deploymentOptions.parse({});
const optionNames = Object.keys(deploymentOptions.shape) as (keyof DeploymentOptions)[];

/** Careful by itself: a few houses first. */
export const FIRST_OPTIONS: DeploymentOptions = {
  ...DEFAULT_OPTIONS,
  phases: [1, 10, 100].map((percent) => ({ percent, pauseMs: 0, waitsForPerson: false })),
};

export function draftOf(search: NewDeploymentSearch): Draft {
  const deviceIds = (search.houses ?? '').split('.').filter((id) => z.uuid().safeParse(id).success);
  return {
    artifactName: search.release,
    name: search.name,
    to: search.to ?? (deviceIds.length > 0 ? 'devices' : undefined),
    groupId: search.group,
    conditions: search.conditions ?? [EMPTY_CONDITION],
    deviceIds: deviceIds.slice(0, CHOSEN_HOUSES_MAX),
    options: optionsOf(search.options ?? {}, deviceIds.length > 0 && search.options === undefined),
  };
}

export function searchOf({
  artifactName,
  name,
  to,
  groupId,
  conditions,
  deviceIds,
  options,
}: Draft): NewDeploymentSearch {
  const changed = optionNames.filter((each) => !isSame(options[each], FIRST_OPTIONS[each]) && isValid(each, options));
  return {
    release: artifactName,
    name,
    to,
    ...(to === 'group' ? { group: groupId } : {}),
    ...(to === 'filter' ? { conditions: [...conditions] } : {}),
    ...(to === 'devices' && deviceIds.length > 0 ? { houses: deviceIds.join('.') } : {}),
    ...(changed.length === 0 ? {} : { options: Object.fromEntries(changed.map((each) => [each, options[each]])) }),
  };
}

/** What the draft is for; undefined while that is not said. */
export function targetOf({ to, groupId, conditions, deviceIds }: Draft): DeploymentTarget | undefined {
  switch (to) {
    case 'all':
      return { kind: 'all' };
    case 'group':
      return groupId === undefined ? undefined : { kind: 'group', groupId };
    case 'filter': {
      const filter = filterOf(conditions);
      return filter && { kind: 'filter', filter };
    }
    case 'devices':
      return deviceIds.length === 0 ? undefined : { kind: 'devices', ids: [...deviceIds] };
    case undefined:
      return undefined;
  }
}

/** @param isFew whether phases make no sense, because the houses are chosen one by one */
function optionsOf(told: Readonly<Record<string, unknown>>, isFew: boolean): DeploymentOptions {
  const known = optionNames.flatMap((each) => {
    const read = deploymentOptions.shape[each].safeParse(told[each]);
    return Object.hasOwn(told, each) && read.success ? [[each, read.data] as const] : [];
  });
  return { ...FIRST_OPTIONS, ...(isFew ? { phases: [] } : {}), ...Object.fromEntries(known) };
}

function isValid(name: keyof DeploymentOptions, options: DeploymentOptions): boolean {
  return deploymentOptions.shape[name].safeParse(options[name]).success;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What it is called when nobody says otherwise. */
export function nameOf(draft: Draft, groupName?: string): string {
  const { name } = draft;
  return name !== undefined && name.trim() !== '' ? name.trim() : ownNameOf(draft, groupName).slice(0, NAME_LENGTH_MAX);
}

function ownNameOf({ artifactName = '', to, deviceIds }: Draft, groupName: string | undefined): string {
  switch (to) {
    case 'group':
      return groupName === undefined ? artifactName : `${artifactName} for ${groupName}`;
    case 'filter':
      return `${artifactName} for some houses`;
    case 'devices':
      return `${artifactName} for ${plural(deviceIds.length, 'house')}`;
    default:
      return artifactName;
  }
}
