/** Limits of the HTTP contracts. */
/** Software: the notes of a release, what one request names of one kind, and files that an artifact is made of. */
export const RELEASE_NOTES_LENGTH_MAX = 10_000;
export const SOFTWARE_NAMES_MAX = 200;
export const MADE_FILES_MAX = 500;
export const UPLOAD_BYTES_MAX = 64 * 1024 ** 3;
/** How large a part of an upload may be, and how small all but the last should be. */
export const UPLOAD_PART_BYTES = 16 * 1024 * 1024;
export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 500;
/** A cursor may hold a name. */
export const CURSOR_LENGTH_MAX = 2000;
export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 256;
export const DESCRIPTION_LENGTH_MAX = 1000;
/** Devices that one request puts into a group or takes out of it. */
export const GROUP_CHANGE_DEVICES_MAX = 1000;
export const NAME_LENGTH_MAX = 200;
/** A code of an authenticator app, or a recovery code with spaces and hyphens. */
export const FACTOR_CODE_LENGTH_MAX = 32;
export const TOKEN_DAYS_MAX = 365;
export const EMAIL_DOMAINS_MAX = 20;
export const URL_LENGTH_MAX = 2000;
/** Codes of one-time links have 43 characters, 256 bits. */
export const ONE_TIME_CODE_LENGTH_MAX = 128;
/** Roles of one user, and groups that one of them may be limited to. */
export const GRANTS_MAX = 32;
export const GRANT_GROUPS_MAX = 100;
export const TAGS_MAX = 32;
export const TAG_LENGTH_MAX = 64;
/** A join code that accepts devices lives for 30 days at most. */
export const JOIN_CODE_MINUTES_MAX = 30 * 24 * 60;
export const JOIN_CODE_USES_MAX = 1_000_000;
export const CERTIFICATE_LENGTH_MAX = 16 * 1024;
export const PUBLIC_KEY_LENGTH_MAX = 8 * 1024;
/** Lines of one file of devices to pre-authorise, and its length in UTF-16 units. */
export const IMPORT_LINES_MAX = 10_000;
export const IMPORT_LENGTH_MAX = 10 * 1024 * 1024;
/** JSON spells some characters with two. */
export const IMPORT_BODY_BYTES_MAX = 14 * 1024 * 1024;
export const AUDIT_RETENTION_DAYS_MIN = 30;
export const AUDIT_RETENTION_DAYS_MAX = 3650;
/** How long a webhook's old secret may go on signing beside the new one. */
export const SECRET_OVERLAP_HOURS_MAX = 7 * 24;
/** Notification policies of a tenant, and what one of them names. */
export const NOTIFICATION_POLICIES_MAX = 100;
export const NOTIFICATION_MATCHES_MAX = 100;
export const RECIPIENTS_MAX = 20;
export const ESCALATION_STEPS_MAX = 5;
export const NOTIFICATION_DELAY_SECONDS_MAX = 24 * 3600;
export const NOTIFICATION_MINUTES_MAX = 7 * 24 * 60;
/** Alerts that one request changes, and that one names. */
export const ALERTS_CHANGED_MAX = 10_000;
export const ALERT_IDS_MAX = 2000;
export const COMMENT_LENGTH_MAX = 4000;
export const CLOSE_REASON_LENGTH_MAX = 1000;
export const SNOOZE_DAYS_MAX = 90;
/** From here on, closed alerts are not counted one by one. */
export const ALERT_COUNT_MAX = 10_000;
/** How long after its end a problem that comes back may be the same alert. */
export const ALERT_REOPEN_MINUTES_MAX = 24 * 60;
export const BODY_BYTES_MAX = 1024 * 1024;
export const PLACES_MAX = 20;
export const CLUSTERS_MAX = 2000;
/** A message to a program on a gateway: what fits into one frame to a device. */
export const MESSAGE_BYTES_MAX = 4096;
/** Conditions of one saved filter, and values of one condition. */
export const FILTER_CONDITIONS_MAX = 20;
export const FILTER_VALUES_MAX = 100;
/** Rules: names and texts of one, and what it may watch. */
export const RULE_KEY_LENGTH_MAX = 64;
export const RULE_STEPS_MAX = 12;
export const RULE_KINDS_MAX = 20;
export const RULE_TARGETS_MAX = 100;
export const WATCH_METRIC_LENGTH_MAX = 128;
export const WATCH_PATTERN_LENGTH_MAX = 256;
export const WATCH_STATES_MAX = 20;
export const WATCH_TARGETS_MAX = 32;
/** How often something may have to happen within the window. */
export const WATCH_TIMES_MAX = 1000;
export const WATCH_WINDOW_MS_MIN = 1000;
export const WATCH_WINDOW_MS_MAX = 24 * 3600_000;
export const WATCH_FOR_MS_MAX = 24 * 3600_000;
/** The longest time that a rule is tried on. */
export const BACKTEST_DAYS_MAX = 31;
/** Of a metric or a source, as in ProtoMsg. */
export const METRIC_LENGTH_MAX = 128;
/** Metrics that one call asks the history of, and how long their names are together. */
export const HISTORY_METRICS_MAX = 50;
export const HISTORY_METRICS_LENGTH_MAX = 4000;
export const HISTORY_POINTS_DEFAULT = 500;
export const HISTORY_POINTS_MAX = 2000;
export const GROUP_HISTORY_POINTS_MAX = 200;
/** Fixes: what one is made of, and how often it may run by itself. */
export const FIX_STEPS_MAX = 12;
export const FIX_ACTIONS_MAX = 5;
export const FIX_PARAMETERS_MAX = 8;
export const FIX_GROUPS_MAX = 50;
export const FIX_SCRIPT_LENGTH_MAX = 32 * 1024;
export const FIX_TIMEOUT_MS_MAX = 3600_000;
export const FIX_CHECK_MS_MIN = 1_000;
export const FIX_CHECK_MS_MAX = 3600_000;
export const FIX_RUNS_PER_DAY_MAX = 24;
export const FIX_RUNS_PER_HOUR_MAX = 10_000;
/** Characters of what one run prints that are kept. */
export const FIX_OUTPUT_LENGTH_MAX = 1024 * 1024;
export const FIX_ROLLOUT_PARALLEL_MAX = 1000;
/** Deployments: chosen houses of one, its phases, and what its options may be. */
export const DEPLOYMENT_DEVICES_MAX = 10_000;
export const DEPLOYMENT_PHASES_MAX = 20;
export const DEPLOYMENT_PARALLEL_MAX = 100_000;
export const DEPLOYMENT_PRIORITY_MIN = -10;
export const DEPLOYMENT_PRIORITY_MAX = 10;
export const DEPLOYMENT_RETRIES_MAX = 20;
/** As many as an offer may name. */
export const DEPLOYMENT_SENSORS_MAX = 64;
export const PHASE_PAUSE_MS_MAX = 30 * 24 * 3600_000;
export const GATE_SAMPLE_MAX = 100_000;
export const BYTES_PER_SECOND_MIN = 1024;
/** Desired values of one house, and how long their keys may be. */
export const CONFIGURATION_VALUES_MAX = 256;
export const CONFIGURATION_KEY_LENGTH_MAX = 128;
/** How long a house may have to show that it is still there after a change, before it goes back. */
export const CONFIGURATION_CONFIRM_MS_MIN = 1_000;
export const CONFIGURATION_CONFIRM_MS_MAX = 3600_000;
export const CONFIGURATION_PRIORITY_MAX = 1000;
/** What a schema of configuration is made of. */
export const CONFIGURATION_FIELDS_MAX = 200;
export const CONFIGURATION_CHOICES_MAX = 50;
export const CONFIGURATION_VALUE_LENGTH_MAX = 512;
export const CONFIGURATION_PATTERN_LENGTH_MAX = 256;
