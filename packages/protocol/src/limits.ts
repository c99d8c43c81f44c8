/** Every limit of the wire in one place. Sizes are bytes on the wire unless the name says otherwise. */

/** The largest frame a gateway or a browser may send to us. */
export const FRAME_BYTES_MAX_UP = 1024 * 1024;

/** The largest frame Mender's mender-connect accepts; one byte more closes its socket with 1009 (COMPAT 0.2). */
export const FRAME_BYTES_MAX_DOWN = 8192;

/** The largest body we put into one downward frame, leaving room for the header. */
export const BODY_BYTES_MAX_DOWN = 4096;

/** How deep maps and lists may nest; every message of the catalogue needs at most 5. */
export const DEPTH_MAX = 16;

/** How many values (map keys are values too) one body may hold, so that a small frame can't grow into a large tree. */
export const VALUES_MAX = 65_536;

/**
 * How many of these may stand outside of the body. The hub reads every frame that far, so a frame made to be slow must
 * not cost it more than a few milliseconds; what holds much belongs into `body`, which is read where it is used.
 */
export const HEADER_VALUES_MAX = 4096;

/** How many entries one map may have. */
export const MAP_ENTRIES_MAX = 4096;

/** How long one string may be: longer content belongs into `body`. */
export const STRING_BYTES_MAX = 64 * 1024;

/** How many reports one `status` batch may carry. */
export const REPORTS_MAX = 512;

/** How many metrics one report may carry. */
export const METRICS_MAX = 256;

/** How long a name (metric, source, rule, session id) may be, in UTF-16 units. */
export const NAME_LENGTH_MAX = 128;

/** How long a text for people (description, error) may be, in UTF-16 units. */
export const TEXT_LENGTH_MAX = 4096;

/** How many ids one `ack` may carry. */
export const ACK_IDS_MAX = 1024;

/** How many alert messages one batch may carry. */
export const ALERT_BATCH_MAX = 500;

/** How many rules a device may be told to watch. */
export const RULES_MAX = 256;

/** How many bytes of rules one frame tells, and in how many frames; the rest of a frame is for its header. */
export const RULES_PART_BYTES_MAX = 7168;
export const RULES_PARTS_MAX = 256;

/** What one rule may name: states, services and kinds of sensors, and how often something happens. */
export const RULE_STATES_MAX = 64;
export const RULE_TARGETS_MAX = 64;
export const RULE_TIMES_MAX = 1000;

/** How many inventory attributes a device may report. */
export const ATTRIBUTES_MAX = 512;

/** The largest body of a program's own message to the backend; to a gateway it is BODY_BYTES_MAX_DOWN. */
export const CUSTOM_BODY_BYTES_MAX = 64 * 1024;

/** How many sensors one gateway may have. */
export const SENSORS_MAX = 256;

/** How many parameters a command may have. */
export const COMMAND_PARAMETERS_MAX = 16;

/** How long a script may be; it goes to the device in parts. */
export const COMMAND_SCRIPT_BYTES_MAX = 64 * 1024;

/** How much of what a command prints is sent; the rest is cut off with a notice. */
export const COMMAND_OUTPUT_BYTES_MAX = 64 * 1024;

/** How much of it one message holds. */
export const COMMAND_CHUNK_BYTES_MAX = 16 * 1024;

/** How long a command may take. */
export const COMMAND_TIMEOUT_MS_MAX = 3600_000;

/** How far in the future the last moment for a command's start may lie: its id is remembered at least until then. */
export const COMMAND_EXPIRY_MS_MAX = 600_000;

/** How many keys that sign commands a device is told, the newest ones. */
export const COMMAND_KEYS_MAX = 16;

/** How many desired values a device may have, those of its sensors included. */
export const CONFIGURATION_VALUES_MAX = 256;
/** How long a gateway may wait before it goes back, and what it tells of what it could not apply. */
export const CONFIGURATION_CONFIRM_MS_MAX = 3600_000;
export const CONFIGURATION_PROBLEMS_MAX = 32;

/** How often one device may try one deployment. */
export const UPDATE_ATTEMPTS_MAX = 100;

/** How long the path of an artifact's download may be, with the proof in it. */
export const UPDATE_PATH_LENGTH_MAX = 2048;

/** How many sensors one offer may name, which must fit into one frame for devices. */
export const UPDATE_SENSORS_MAX = 64;

/** How many lines of a failed update's log one message holds. */
export const UPDATE_LOG_LINES_MAX = 200;

/** How many things one device may provide. */
export const PROVIDES_MAX = 256;
