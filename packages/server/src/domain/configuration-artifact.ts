/** A configuration as an artifact for Mender's add-on mender-configure (COMPAT section 2.5). Pure. */
import { writeArtifact } from '@lovely/artifact';

export const CONFIGURATION_PAYLOAD = 'mender-configure';
export const CONFIGURATION_PROVIDES = 'data-partition.mender-configure.version';

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
        clearsProvides: ['data-partition.mender-configure.*'],
        metaData: values,
        files: [],
      },
    ],
  });
  return Buffer.concat(await Array.fromAsync(artifact));
}
