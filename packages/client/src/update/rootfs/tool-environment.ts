/** The environment of U-Boot, and that of GRUB as grub-mender-grubenv keeps it: both have the same pair of tools. */
import {
  BootEnvironmentError,
  readVariables,
  requireWritten,
  type BootEnvironment,
  type BootValues,
} from './boot-environment.ts';
import { runTool, type Tool } from './run-tool.ts';

export interface Tools {
  readonly print: Tool;
  readonly set: Tool;
}

/** Power cuts are theirs to survive: U-Boot's tools keep two copies where fw_env.config names two, GRUB's always do. */
export function toolEnvironment(name: string, { print, set }: Tools): BootEnvironment {
  const read = async (): Promise<ReadonlyMap<string, string>> => {
    const variables = readVariables(await runTool(print, []));
    requireCanary(name, variables);
    return variables;
  };
  return {
    name,
    read,
    async write(values) {
      await read();
      // One script, one write. The sign between is the one that all of these tools understand.
      await runTool(set, ['-s', '-'], script(values));
      requireWritten(name, await read(), values);
    },
  };
}

function script(values: BootValues): string {
  return Object.entries(values)
    .map(([variable, value]) => `${variable}=${value}\n`)
    .join('');
}

/**
 * Mender's sign that the boot loader itself has written to where the tools read: else both may look at different places, and
 * nothing that we set would ever be seen.
 */
function requireCanary(name: string, variables: ReadonlyMap<string, string>): void {
  if (variables.get('mender_check_saveenv_canary') === '1' && variables.get('mender_saveenv_canary') !== '1')
    throw new BootEnvironmentError(
      `${name} never saved the environment that its tools read (mender_saveenv_canary is not 1): does /etc/fw_env.config name the right place?`,
    );
}
