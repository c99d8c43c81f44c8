/** What artifacts of Mender's add-on mender-configure are known by (COMPAT section 2.5). */
export const CONFIGURATION_PAYLOAD = 'mender-configure';
export const CONFIGURATION_PROVIDES = 'data-partition.mender-configure.version';
export const CONFIGURATION_CLEARS = 'data-partition.mender-configure.*';
