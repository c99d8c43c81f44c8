/** Makes a configuration an artifact for Mender's add-on mender-configure (COMPAT section 2.5). */
import { writeArtifact } from '@lovely/artifact';
import {
  CONFIGURATION_CLEARS,
  CONFIGURATION_PAYLOAD,
  CONFIGURATION_PROVIDES,
} from './domain/configuration-artifact.ts';

export interface ConfigurationArtifact {
  /** Of the artifact, which the device then has. */
  readonly name: string;
  readonly deviceType: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Its bytes: without files, the values are its meta-data. */
export async function writeConfigurationArtifact({ name, deviceType, values }: ConfigurationArtifact): Promise<Buffer> {
  const artifact = writeArtifact({
    name,
    group: undefined,
    deviceTypes: [deviceType],
    dependsOnNames: [],
    dependsOnGroups: [],
    scripts: [],
    compression: 'none',
    payloads: [
      {
        type: CONFIGURATION_PAYLOAD,
        provides: { [CONFIGURATION_PROVIDES]: name },
        depends: {},
        clearsProvides: [CONFIGURATION_CLEARS],
        metaData: values,
        files: [],
      },
    ],
  });
  return Buffer.concat(await Array.fromAsync(artifact));
}
