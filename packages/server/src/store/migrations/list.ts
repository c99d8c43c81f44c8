/** Every migration in order; a landed one never changes. */
import type { Migration } from 'kysely/migration';
import { up as foundation } from './0001-foundation.ts';
import { up as rowLevelSecurity } from './0002-row-level-security.ts';
import { up as rolesGroupsAudit } from './0003-roles-groups-audit.ts';
import { up as people } from './0004-people.ts';
import { up as factors } from './0005-factors.ts';
import { up as deviceIdentity } from './0006-device-identity.ts';
import { up as http } from './0007-http.ts';
import { up as secrets } from './0008-secrets.ts';
import { up as webhooks } from './0009-webhooks.ts';
import { up as sensors } from './0010-sensors.ts';
import { up as statusValues } from './0011-status-values.ts';
import { up as history } from './0012-history.ts';
import { up as rules } from './0013-rules.ts';
import { up as alerts } from './0014-alerts.ts';
import { up as notifications } from './0015-notifications.ts';
import { up as fixes } from './0016-fixes.ts';
import { up as deviceMessages } from './0017-device-messages.ts';
import { up as artifacts } from './0018-artifacts.ts';
import { up as deployments } from './0019-deployments.ts';
import { up as configurations } from './0020-configurations.ts';
import { up as alertFacets } from './0021-alert-facets.ts';
import { up as configurationArtifacts } from './0022-configuration-artifacts.ts';
import { up as fixUpdates } from './0022-fix-updates.ts';
import { up as configurationJobs } from './0023-configuration-jobs.ts';

export const migrations: Record<string, Migration> = {
  '0001-foundation': { up: foundation },
  '0002-row-level-security': { up: rowLevelSecurity },
  '0003-roles-groups-audit': { up: rolesGroupsAudit },
  '0004-people': { up: people },
  '0005-factors': { up: factors },
  '0006-device-identity': { up: deviceIdentity },
  '0007-http': { up: http },
  '0008-secrets': { up: secrets },
  '0009-webhooks': { up: webhooks },
  '0010-sensors': { up: sensors },
  '0011-status-values': { up: statusValues },
  '0012-history': { up: history },
  '0013-rules': { up: rules },
  '0014-alerts': { up: alerts },
  '0015-notifications': { up: notifications },
  '0016-fixes': { up: fixes },
  '0017-device-messages': { up: deviceMessages },
  '0018-artifacts': { up: artifacts },
  '0019-deployments': { up: deployments },
  '0020-configurations': { up: configurations },
  '0021-alert-facets': { up: alertFacets },
  '0022-configuration-artifacts': { up: configurationArtifacts },
  '0022-fix-updates': { up: fixUpdates },
  '0023-configuration-jobs': { up: configurationJobs },
};
