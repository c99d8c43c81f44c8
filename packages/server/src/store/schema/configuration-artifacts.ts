/** Configurations that were made artifacts, for Mender's clients. */
import type { Time } from './columns.ts';

export interface ConfigurationArtifactTables {
  configuration_artifacts: {
    id: string;
    tenant_id: string;
    device_id: string;
    name: string;
    device_type: string;
    version: number;
    content: Buffer;
    sha256: string;
    created_at: Time;
  };
}
