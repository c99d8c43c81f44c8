import type { DeploymentTarget } from '@lovely/api';
import { plural } from '../format/number.ts';
import { filterText } from '../groups/filter-draft.ts';
import { GroupName } from '../groups/GroupName.tsx';

/** Which houses a deployment is for, in words. */
export function TargetText({ target, houses }: { target: DeploymentTarget; houses?: number }) {
  switch (target.kind) {
    case 'all':
      return 'all houses';
    case 'group':
      return (
        <>
          the group <GroupName id={target.groupId} />
        </>
      );
    case 'filter':
      return `houses where ${filterText(target.filter)}`;
    case 'devices':
      return plural(Math.max(houses ?? 0, target.ids.length), 'chosen house');
  }
}
