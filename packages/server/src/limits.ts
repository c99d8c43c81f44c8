/** Every limit of the server in one place. */

/** How many frames wait for one slow socket before it is closed. */
export const SOCKET_BUFFER_BYTES_MAX = 4 * 1024 * 1024;
/** Messages a second that one device may send on average, and how many may come at once. */
export const DEVICE_MESSAGES_PER_SECOND = 50;
export const DEVICE_MESSAGES_BURST = 500;
/** A message counts as one for each of these bytes: 400 KB a second on average, 4 MB at once. */
export const DEVICE_MESSAGE_BYTES = 8 * 1024;
/** Messages of one device that may wait for their acknowledgement. */
export const DEVICE_UNACKED_MAX = 200;
/** Malformed frames after which a device's socket is closed. */
export const DEVICE_BAD_FRAMES_MAX = 10;
/** Connections a second that one hub admits, and how many may come at once. */
export const ADMISSIONS_PER_SECOND = 2000;
export const ADMISSIONS_BURST = 4000;

export const CLAIM_FLUSH_MS = 50;
/** How long a hub waits for a worker to store a batch of presence changes before it sends it again. */
export const PRESENCE_TIMEOUT_MS = 10_000;
export const HUB_LEASE_MS = 15_000;
export const HUB_LEASE_RENEW_MS = 5_000;
/** How often the worker looks for lost hubs and for gateways that stay away. */
export const REAP_MS = 1_000;
export const DRAIN_SPREAD_MS = 10_000;
export const DRAIN_DEADLINE_MS = 5_000;

export const BATCH_MESSAGES_MAX = 2000;
export const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** Messages that may wait in a worker before new ones are dropped, to be sent again by their devices. */
export const BATCH_WAITING_MAX = 50_000;
export const BATCH_WAITING_BYTES_MAX = 256 * 1024 * 1024;
export const BATCH_RETRY_MS = 500;
/** Status may wait this long for company; alerts go at once. */
export const STATUS_LINGER_MS = 20;
/** Last values that are kept of one source, and sources of one device; more are refused and the gateway is told. */
export const METRICS_PER_SOURCE_MAX = 512;
export const SOURCES_PER_DEVICE_MAX = 512;
/** A gateway is told of the same excess this often at most; of so many it is known when they were told. */
export const REFUSAL_TOLD_MS = 3600_000;
export const REFUSALS_KNOWN_MAX = 10_000;
/** The time of a report or alert is believed when it is not further back; a gateway may have been away for so long. */
export const TIME_BEHIND_MS_MAX = 31 * 24 * 3600_000;
/** What a time may be ahead of the server's, and a gateway's clock wrong before its times are corrected. */
export const TIME_AHEAD_MS_MAX = 30_000;
/** Entries of one alert's timeline that are kept beside its comments. */
export const ALERT_EVENTS_MAX = 200;
export const ALERT_COMMENTS_MAX = 200;
/** A problem that comes back so soon after its end reopens its alert, unless the tenant says otherwise; longer after a person closed it. */
export const ALERT_REOPEN_MINUTES_DEFAULT = 15;
export const RESOLVED_REOPEN_MINUTES = 24 * 60;
/** The newest closed alerts, of which the choices of their filters are made. */
export const ALERT_FACET_ALERTS_MAX = 5_000;
/** With more houses than this a word of a search isn't looked up by house. */
export const ALERT_SEARCH_DEVICES_MAX = 1000;
/** People who are offered to look after an alert. */
export const ASSIGNEES_MAX = 500;
/** How long closed alerts are kept, and how many are deleted at a time. */
export const ALERT_RETENTION_DAYS = 400;
export const ALERTS_DELETED_MAX = 10_000;
/** A gateway that restarts for an update may take this long, however soon others are missed. */
export const UPDATE_RESTART_MS = 15 * 60_000;
export const SNOOZE_TICK_MS = 1_000;

/** How often a worker looks for incidents; where that takes long, it is done less often. */
export const INCIDENT_TICK_MS = 2_000;
/** Fewer houses than this with the same problem are no incident. */
export const INCIDENT_HOUSES_MIN = 5;
/** Of the houses in the same squares of the map; and how much more common it must be there than elsewhere. */
export const INCIDENT_AREA_SHARE_MIN = 0.002;
export const INCIDENT_AREA_LIFT_MIN = 3;
/** Of the houses with the problem, that share something; and how much more common it must be among them than in the fleet. */
export const INCIDENT_TRAIT_SHARE_MIN = 0.8;
export const INCIDENT_TRAIT_LIFT_MIN = 2;
/** Of all houses, where the problem is everywhere. */
export const INCIDENT_FLEET_SHARE_MIN = 0.05;
/** Problems that came within this time may be one; gateways of one outage go away within minutes. */
export const INCIDENT_WINDOW_MINUTES = 6 * 60;
export const OUTAGE_WINDOW_MINUTES = 30;
/** So long after the last one an incident still takes in others. */
export const INCIDENT_JOIN_MINUTES = 2 * 60;
/** So far outside of an incident's houses another one still belongs to it. */
export const INCIDENT_MARGIN_KM = 15;
export const INCIDENT_ALERTS_PER_TURN = 10_000;
export const INCIDENT_RULES_PER_TURN = 100;
export const INCIDENTS_COUNTED_PER_TURN = 500;
/** Houses that tell how common something is, and how long that is believed. */
export const INCIDENT_BASELINE_HOUSES = 10_000;
export const INCIDENT_BASELINE_MS = 10 * 60_000;
export const INCIDENT_SERIES_POINTS = 60;
export const INCIDENT_SAMPLE_ALERTS = 20;
/** A gateway that was away for this long may still repeat an alert whose acknowledgement it never got. */
export const ALERT_MESSAGE_RETENTION_HOURS = 31 * 24;
/** The same of messages between programs. */
export const DEVICE_MESSAGE_RETENTION_HOURS = 31 * 24;
/** An invitation that expired can be renewed for so long. */
export const INVITATION_KEPT_DAYS = 90;
export const RETENTION_MS = 10 * 60_000;

export const WEBHOOKS_MAX = 20;
/** How often a worker looks for deliveries that are due; one that has ended looks at once. */
export const WEBHOOK_TICK_MS = 500;
/** Deliveries under way at the same time in one worker: in all, and how many of one tenant or webhook keep it from taking more of them. */
export const WEBHOOK_TRIES_MAX = 64;
export const WEBHOOK_TRIES_PER_TENANT_MAX = 8;
export const WEBHOOK_TRIES_PER_WEBHOOK_MAX = 4;
/** From the look-up of the name to the end of the answer. */
export const WEBHOOK_TIMEOUT_MS = 15_000;
/** After so long a try that nobody ended is taken for lost: its worker died. */
export const WEBHOOK_LOST_MS = 60_000;
export const WEBHOOK_RETRY_FIRST_MS = 5_000;
export const WEBHOOK_RETRY_MAX_MS = 4 * 3600_000;
/** How long a delivery is tried, and how long a webhook may fail at every try before it is disabled. */
export const WEBHOOK_TRIES_MS = 3 * 24 * 3600_000;
export const WEBHOOK_DEAD_MS = 5 * 24 * 3600_000;
/** From so many failures in a row on, a webhook rests between tries, for this long at most. */
export const WEBHOOK_FAILURES_BEFORE_REST = 5;
export const WEBHOOK_REST_MAX_MS = 10 * 60_000;
/** Deliveries of one webhook that may wait; a receiver that is so far behind never catches up. */
export const WEBHOOK_WAITING_MAX = 100_000;
export const WEBHOOK_RESPONSE_BYTES_MAX = 64 * 1024;
export const WEBHOOK_EXCERPT_LENGTH_MAX = 1000;
/** Deliveries that one call replays. */
export const WEBHOOK_REPLAYS_MAX = 10_000;
export const WEBHOOK_CARE_MS = 60_000;
export const WEBHOOK_DELIVERY_RETENTION_DAYS = 14;

/** How often a worker looks for what is to be told. */
export const NOTIFICATION_TICK_MS = 1_000;
/** Alerts that are put into bundles, and bundles whose messages are planned, in one transaction. */
export const NOTIFICATION_ALERTS_MAX = 5_000;
export const NOTIFICATION_BUNDLES_MAX = 100;
/** A bundle whose messages could not be planned is left alone for so long. */
export const NOTIFICATION_FAILED_REST_MS = 60_000;
/** While alerts keep coming, a bundle is planned anew after this long. */
export const NOTIFICATION_PAUSE_MS = 5_000;
/** Recipients that one round writes to; messages that one mail to a recipient is made of. */
export const NOTIFICATION_RECIPIENTS_MAX = 500;
export const NOTIFICATION_DIGEST_MAX = 50;
/** Houses that one message names. */
export const NOTIFICATION_EXAMPLES_MAX = 20;
/** Of one alert, in the log. */
export const ALERT_NOTIFICATIONS_MAX = 200;
/** Mails to one address within an hour; after that, one now and then that says all that came meanwhile. */
export const MAILS_PER_ADDRESS_MAX = 20;
export const MAILS_PER_ADDRESS_WINDOW_MS = 3600_000;
export const MAILS_PER_ADDRESS_PAUSE_MS = 5 * 60_000;
/** Test messages of one person within the same window. */
export const TEST_NOTIFICATIONS_MAX = 5;
/** Mails that one worker sends at the same time. */
export const MAILS_AT_ONCE_MAX = 10;
/** After that, a mail that no worker has settled is taken for lost and sent again: longer than any try takes. */
export const MAIL_LOST_MS = 3 * 60_000;
export const MAIL_RETRY_FIRST_MS = 5_000;
export const MAIL_RETRY_MAX_MS = 3600_000;
/** How long a mail is tried. */
export const MAIL_TRIES_MS = 24 * 3600_000;
export const NOTIFICATION_RETENTION_DAYS = 90;

/** How long a starting process waits for NATS. */
export const NATS_START_TIMEOUT_MS = 30_000;

/** How often revocations are read again, in case the bus lost one. */
export const REVOCATIONS_REFRESH_MS = 30_000;

export const DEVICE_TOKEN_SECONDS = 3600;
export const LOGIN_SECONDS = 12 * 3600;
/** How long a tool may stay signed in that asks for no end (Mender's no_expiry). */
export const LOGIN_SECONDS_MAX = 365 * 24 * 3600;
/** When a login or token was last used is written this often at most. */
export const LAST_USED_SECONDS = 60;
export const LOGINS_SHOWN_MAX = 200;
export const USER_AGENT_LENGTH_MAX = 500;
/** Open WebSockets of people: how often they are looked over for logins that have expired, and compared with the table. */
export const OPEN_SOCKETS_TICK_MS = 250;
export const OPEN_SOCKETS_REFRESH_MS = 30_000;
/** Codes and passwords that somebody who is signed in may try to prove who they are. */
export const PROOF_TRIES = 6;
export const PROOF_WINDOW_MS = 10 * 60_000;
export const PASSKEYS_PER_USER_MAX = 20;
export const PASSKEY_CHALLENGE_SECONDS = 5 * 60;
export const TOKENS_PER_USER_MAX = 50;
export const OIDC_PROVIDERS_MAX = 20;
export const OIDC_PROVIDERS_KEPT_MAX = 500;
/** Descriptions of new providers that are read at the same time. */
export const OIDC_CHECKS_MAX = 2;
/** How long somebody may take at a provider to sign in there. */
export const OIDC_START_SECONDS = 10 * 60;
/** For each request to a provider, and what it may answer. */
export const OIDC_TIMEOUT_MS = 10_000;
export const OIDC_ANSWER_BYTES_MAX = 1024 * 1024;
/** How long a provider's description is believed before it is read again. */
export const OIDC_DISCOVERY_MS = 10 * 60_000;
/** The longest that a signed token lives, and a little for clocks that differ: a signing key is accepted for so long after its last use. */
export const SIGNED_SECONDS_MAX = LOGIN_SECONDS + 600;
/** How often a process reads the keys again. */
export const KEYS_REFRESH_MS = 5_000;
/** How often it does so at most because a token names a key that it doesn't know. */
export const KEYS_LOOKED_UP_MS = 1_000;
/** A new key is used so long after it was made: every process has read the keys several times by then. */
export const KEY_ANNOUNCE_SECONDS = 60;
export const KEY_AGE_DAYS_MAX = 90;
/** A sealing key is kept for so long after its last use: answers to repeated requests are not sealed again but expire. */
export const SEALING_KEY_KEPT_SECONDS = 25 * 3600;
/** How often a worker looks at the age of keys and at what old ones sealed, and how many rows it seals again at a time. */
export const KEY_KEEPER_MS = 30_000;
export const RESEAL_ROWS_MAX = 500;
export const SESSIONS_PER_USER_MAX = 16;
export const SESSIONS_PER_DEVICE_MAX = 32;
export const DELIVERY_TIMEOUT_MS = 5_000;
/** Bytes of a session on their way to a device that is slow to take them. */
export const SESSION_QUEUE_BYTES_MAX = 1024 * 1024;
/** Nothing typed and nothing printed for this long ends a terminal. */
export const SESSION_IDLE_MS = 60 * 60_000;

export const SIGN_IN_TRIES = 10;
/** Wrong passwords of one account at one address before each is followed by a wait, and from all addresses together. */
export const SIGN_IN_FREE_FAILURES = 5;
export const SIGN_IN_FREE_FAILURES_EVERYWHERE = 30;
export const SIGN_IN_REFUSED_SECONDS_MAX = 900;
/** When failures no longer count: late enough that a guesser gains nothing by pausing. */
export const SIGN_IN_FORGET_SECONDS = 4 * 3600;
/** How long an address is known after somebody signed in from there. */
export const SIGN_IN_PROVED_SECONDS = 30 * 24 * 3600;
/** Whatever the e-mail addresses: an office may stand behind one address, a list of guesses may not. */
export const SIGN_IN_TRIES_PER_ADDRESS = 100;
/** Sign-ins that look at how often they failed at the same time, each with a connection to the database. */
export const SIGN_IN_LOOKS_MAX = 4;
/** Passwords that are checked at the same time. */
export const PASSWORD_CHECKS_MAX = 4;
/** Sign-ins that wait for their turn, of strangers and as many of known ones. */
export const SIGN_IN_WAITING_MAX = 200;
/** Of these, from one address: an office in the morning. */
export const SIGN_INS_OF_NEIGHBOUR_MAX = 16;
export const SIGN_IN_WINDOW_MS = 60_000;
export const INVITATION_SECONDS = 7 * 24 * 3600;
/** Invitations that nobody has accepted, in one tenant. */
export const INVITATIONS_MAX = 1000;
export const PASSWORD_RESET_SECONDS = 3600;
/** Links for one user that work at the same time; more than that are not mailed to somebody who asked for none. */
export const PASSWORD_RESETS_PER_USER_MAX = 3;
/** Codes of links that one address may try in SIGN_IN_WINDOW_MS. */
export const ONE_TIME_CODE_TRIES = 30;
/** Links that strangers may have mailed from one address in PASSWORD_RESET_WINDOW_MS. */
export const PASSWORD_RESET_TRIES = 20;
export const PASSWORD_RESET_WINDOW_MS = 3600_000;
/** Requests for links that are being worked on at the same time; more are forgotten. */
export const PASSWORD_RESET_REQUESTS_MAX = 100;
export const MAIL_TIMEOUT_MS = 20_000;
export const MAIL_CLOSE_TIMEOUT_MS = 2_000;
/** Mails of one process that are being sent or wait for another try. */
export const MAILS_WAITING_MAX = 1000;
export const AUTH_REQUESTS_PER_ADDRESS = 600;
export const AUTH_REQUESTS_WINDOW_MS = 60_000;
/** Arrays and objects in each other in a body of JSON. */
export const JSON_DEPTH_MAX = 64;
export const AUTH_REQUEST_BYTES_MAX = 32 * 1024;
export const INVENTORY_BYTES_MAX = 512 * 1024;
/** How many texts one attribute of Mender's inventory may list. */
export const ATTRIBUTE_VALUES_MAX = 1024;
export const PROVIDES_BYTES_MAX = 64 * 1024;
/** Fields of a form of Mender's tools, and the bytes of one that is no file. */
export const FORM_FIELDS_MAX = 32;
/** What a device says of one step of an update, and its log of one that failed. */
export const UPDATE_STATUS_BYTES_MAX = 16 * 1024;
export const MENDER_LOG_BYTES_MAX = 8 * 1024 * 1024;
export const FORM_FIELD_BYTES_MAX = 64 * 1024;
/** A plain file that Mender's tools have an artifact made of: it waits on the disk meanwhile. */
export const GENERATED_FILE_BYTES_MAX = 1024 * 1024 * 1024;
/** Artifacts, or releases, in an answer without pages, and devices of a deployment. */
export const MENDER_ARTIFACTS_SHOWN_MAX = 2000;
export const DEPLOYMENT_DEVICES_SHOWN_MAX = 20_000;
/** Releases that are deleted at a time, and deployments whose statistics are asked for. */
export const MENDER_RELEASES_DELETED_MAX = 20;
export const MENDER_STATISTICS_MAX = 100;
/** A new deployment with the ids of its devices. */
export const DEPLOYMENT_WISH_BYTES_MAX = 2 * 1024 * 1024;
export const MENDER_CONFIGURATION_BYTES_MAX = 256 * 1024;
/** Configurations made artifacts, of one device, beside those that are being deployed. */
export const CONFIGURATION_ARTIFACTS_KEPT = 5;
/** A file that a person sends to a device, and where it stands there. */
export const DEVICE_FILE_BYTES_MAX = 256 * 1024 * 1024;
export const DEVICE_PATH_LENGTH_MAX = 1024;
/** How long a device may take for its next word on a file: ending a shell meanwhile takes it 8 seconds (COMPAT 0.12). */
export const FILE_ANSWER_TIMEOUT_MS = 20_000;
/** Auth sets that may wait for acceptance in one tenant, so that a stranger can't fill the disk. */
export const PENDING_MAX = 20_000;
export const AUTH_SETS_PER_DEVICE_MAX = 8;
export const IDENTITY_BYTES_MAX = 8 * 1024;
/** How long a tenant keeps its audit log, unless it says otherwise. */
export const AUDIT_RETENTION_DAYS_DEFAULT = 365;
export const JOIN_CODES_MAX = 500;
/** How long an expired join code is kept, so that a device that comes too late is told why. */
export const JOIN_CODE_KEPT_DAYS = 30;
export const CERTIFICATE_AUTHORITIES_MAX = 50;
/** The device's certificate with the authorities below the one that is trusted. */
export const CERTIFICATE_CHAIN_LENGTH_MAX = 4;
/** How often the hubs ask again what a tenant may send. */
export const TENANT_LIMITS_FRESH_MS = 30_000;
/** What a tenant's devices may send at once, in seconds of its rate. */
export const TENANT_BURST_SECONDS = 10;
/** Places of one device that are told apart, to see one come back after another. */
export const DEVICE_ORIGINS_MAX = 4;
/** Returns further apart than this count anew, unless LOVELY_CLONE_QUIET_MS says otherwise. */
export const CLONE_WINDOW_MS = 600_000;
/** So often a place has to come back for the key to count as cloned. */
export const CLONE_RETURNS_MIN = 3;
export const PUBLIC_KEY_BYTES_MAX = 8 * 1024;

/** Entries of the audit log that are read at a time where all are. */
export const AUDIT_BATCH_ENTRIES = 1000;
/** The newest entries, of which the choices of its filters are made. */
export const AUDIT_FACET_ENTRIES_MAX = 20_000;

/** Groups and roles of its own that one tenant has. */
export const GROUPS_MAX = 200;
export const ROLES_MAX = 100;
/** How long a filter may take to be tried or previewed. */
export const FILTER_TIMEOUT_MS = 5_000;
/** Devices that a filter is tried on before it is saved. */
export const FILTER_TRIAL_DEVICES = 5_000;
export const FILTER_SAMPLE_DEVICES = 10;
/** The newest devices, whose attributes are offered for filters; how many attributes, and how many values of each. */
export const ATTRIBUTE_SAMPLE_DEVICES = 2_000;
export const FILTER_ATTRIBUTES_MAX = 500;
export const FILTER_ATTRIBUTE_VALUES_MAX = 20;

/** Browsers are told at most this often, except for the first that happens after a quiet moment. */
export const LIVE_TICK_MS = 250;
/** How often it is looked for something to tell. */
export const LIVE_LOOK_MS = 20;
export const LIVE_SUMMARY_MS = 1_000;
/** How often the maps are compared with the database. */
export const INDEX_REFRESH_MS = 10 * 60_000;
/** How soon the maps follow devices that have changed: the longest that a house is on a map where it no longer belongs. */
export const INDEX_SETTLE_MS = 250;
/** Devices that the maps read again in one query. */
export const INDEX_READ_DEVICES = 2_000;
/** A map that nobody looks at goes after this. */
export const INDEX_IDLE_MS = 10 * 60_000;
export const TILE_CACHE_MS = 500;
export const TILE_CACHE_ENTRIES = 512;
/** Directories of the basemap's archive kept in memory, some thousand entries each; the archive we build has three. */
export const BASEMAP_DIRECTORIES_MAX = 64;
export const UI_SOCKETS_MAX = 5_000;
/** Of one person: nobody takes the places of all others. */
export const UI_SOCKETS_PER_USER_MAX = 50;

/** How many bytes one message of the bus may carry (the default of NATS). */
export const BUS_PAYLOAD_BYTES_MAX = 1024 * 1024;
export const BUS_SUBJECT_LENGTH_MAX = 255;
/** Frames of devices go on to the workers when so much of them waits, or the turn of the event loop is over. */
export const UP_BATCH_BYTES = 256 * 1024;
/** How many items one message carries where messages are lists. */
export const BUS_BATCH_ITEMS_MAX = 2000;
/** How many bytes wait while no NATS server is connected; what comes then is dropped. */
export const BUS_OUTBOX_BYTES_MAX = 8 * 1024 * 1024;
export const NATS_CONNECT_TIMEOUT_MS = 5_000;
export const NATS_RETRY_MS = 200;
export const NATS_PING_MS = 10_000;
export const NATS_PINGS_UNANSWERED_MAX = 2;

/** So old is only what a killed process left half written: other processes may be writing beside us. */
export const BLOB_LEFTOVER_MS = 24 * 3600_000;
/** The most that S3 lists in one answer. */
export const BLOB_PAGE_MAX = 1000;

/** A server certificate with less time left is made again at the start. */
export const TLS_RENEW_BEFORE_MS = 30 * 24 * 3600_000;

// The embedded PostgreSQL: how long its launcher waits and how often it tries again.

/** A start that replays much write-ahead log after a power cut may take minutes. */
export const POSTGRES_READY_TIMEOUT_MS = 300_000;
/** For a fast shutdown, which writes a checkpoint. */
export const POSTGRES_STOP_FAST_TIMEOUT_MS = 20_000;
/** For an immediate shutdown: PostgreSQL itself kills its children after five seconds. */
export const POSTGRES_STOP_IMMEDIATE_TIMEOUT_MS = 7_000;
/** For the kernel to take away what was killed. */
export const POSTGRES_STOP_KILL_TIMEOUT_MS = 5_000;
/** For shared memory of a killed server to become free again. */
export const POSTGRES_TAKEOVER_TIMEOUT_MS = 30_000;
/** For the last lines of a server that has ended; an orphan of it may keep the pipe open for longer. */
export const POSTGRES_OUTPUT_TIMEOUT_MS = 500;
export const POSTGRES_POLL_MS = 10;
export const POSTGRES_RETRY_MS = 100;
export const POSTGRES_PORTS_TRIED_MAX = 10;
/** Lines of PostgreSQL's output kept for an error message. */
export const POSTGRES_LOG_TAIL_LINES_MAX = 20;
export const POSTGRES_LOG_LINE_BYTES_MAX = 8_192;

/** Requests to one api process: a second on average, and at once. LOVELY_LIMIT_FACTOR multiplies them. */
export const REQUESTS_OF_PERSON = { perSecond: 200, burst: 4000 } as const;
export const REQUESTS_OF_TOKEN = { perSecond: 200, burst: 2000 } as const;
export const REQUESTS_OF_TENANT = { perSecond: 2000, burst: 20_000 } as const;
export const REQUESTS_OF_DEVICE = { perSecond: 10, burst: 200 } as const;
/** Of one address (of IPv6, one /64) without a sign-in or token that is good. */
export const REQUESTS_OF_STRANGERS = { perSecond: 20, burst: 1000 } as const;
export const RATE_KEYS_MAX = 50_000;
export const KNOWN_CREDENTIALS_MAX = 20_000;

/** How long the answer to a request with an Idempotency-Key is kept, and how long a second one waits for the first. */
export const IDEMPOTENCY_KEPT_HOURS = 24;
export const IDEMPOTENCY_WAIT_MS = 5_000;
export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;

/** No question of a person may keep a connection to the database for longer. */
export const STATEMENT_TIMEOUT_MS = 15_000;

/** How many models of sensors are listed. */
export const SENSOR_MODELS_MAX = 500;
/** Ids of messages lie within this of each other unless the device's spool began anew (decision 0005). */
export const SPOOL_IDS_SPAN = 2 ** 32;

/** Rows of history that one answer is made of; where there are more, a coarser table is read. */
export const HISTORY_ROWS_MAX = 20_000;
/** How far before its range an answer looks for where counters stood: longer than between two full reports. */
export const HISTORY_LEAD_MS = 30 * 60_000;
/** Devices whose values a group's percentiles are made of, and rows of theirs that are read. */
export const GROUP_HISTORY_DEVICES_MAX = 1000;
export const GROUP_HISTORY_ROWS_MAX = 100_000;
/** Rows of history that one reader of many devices gets, in all and at a time. */
export const HISTORY_STREAM_ROWS_MAX = 2_000_000;
export const HISTORY_STREAM_PAGE_ROWS = 5_000;
/** How often reports are rolled up into 5 minutes, these into hours, and how often partitions are looked after. */
export const HISTORY_ROLLUP_MS = 60_000;
export const HISTORY_HOUR_ROLLUP_MS = 10 * 60_000;
export const HISTORY_KEEPER_MS = 60_000;
/** Transactions whose rows one statement rolls up. */
export const HISTORY_ROLLUP_TRANSACTIONS_MAX = 5_000;
/** Rows of one source in one bucket that are looked at: 10 a second for 5 minutes. */
export const HISTORY_BUCKET_ROWS_MAX = 3_000;
/** States of one metric in one bucket that are counted one by one. */
export const HISTORY_STATES_MAX = 16;
/** Partitions that are made before they are needed. */
export const HISTORY_PARTITIONS_AHEAD = 2;
/** How long the keeper of partitions waits for a lock, while others wait behind it. */
export const HISTORY_LOCK_TIMEOUT_MS = 2_000;
/** How long the history of a deleted device is left alone: what was being written then has ended. */
export const HISTORY_DELETION_DELAY_SECONDS = 60;
/** Deleted devices whose history is deleted in one transaction. */
export const HISTORY_DELETIONS_MAX = 50;
/** Samples that one Prometheus exposition holds. */
export const PROMETHEUS_SAMPLES_MAX = 200_000;
/** Houses that it reads at a time. */
export const PROMETHEUS_PAGE_DEVICES = 500;

/** A key that signed commands is told as retired so long after the next one has taken over. */
export const COMMAND_KEY_ACCEPT_SECONDS = 3600;
/** How often a process reads the keys that sign commands again. */
export const COMMAND_KEYS_FRESH_MS = 5_000;

/** The parameters of one command: they go to the house in one message with all else that is signed. */
export const FIX_PARAMETERS_BYTES_MAX = 5_000;
/** Fixes of one tenant. */
export const FIXES_MAX = 500;
/** How often a worker looks for fix runs that are due, and how many it takes at a time. */
export const FIX_TICK_MS = 250;
export const FIX_RUNS_TAKEN_MAX = 100;
/** How soon it looks again at one that waits for something that is told by no event. */
export const FIX_LOOK_MS = 2_000;
/** The same where the house is away: its return is told by the bus, which may lose it. */
export const FIX_AWAY_LOOK_MS = 60_000;
/** A run or rollout that could not be carried on, for a fault of ours, is left alone for so long. */
export const FIX_FAILED_REST_MS = 60_000;
/** How long a house has to say that it began before it is told again, and how often it is. */
export const FIX_RESEND_MS = 5_000;
export const FIX_SENDS_MAX = 6;
/** How long a command that was sent may be begun; the house refuses it later. */
export const FIX_COMMAND_EXPIRY_MS = 60_000;
/** After the time that an action may take, how long a house that is away may take to say how it ended. */
export const FIX_LOST_MS = 3600_000;
/** How long a run waits for a house to be back. */
export const FIX_RUN_EXPIRY_MS = 24 * 3600_000;
/** Fix runs of one tenant that are not over. */
export const FIX_RUNS_OPEN_MAX = 20_000;
/** Houses that may be unfit for the trial of a rollout, and results before which it is not judged within a phase. */
export const FIX_ROLLOUT_TRIALS_MAX = 5;
export const FIX_ROLLOUT_RESULTS_MIN = 5;
export const FIX_ROLLOUT_TICK_MS = 500;
/** Looking at rollouts takes at most this share of a worker's time, however many houses they have. */
export const FIX_ROLLOUT_TIME_SHARE = 0.1;
export const FIX_ROLLOUT_HOUSES_MAX = 100_000;
export const FIX_ROLLOUTS_OPEN_MAX = 20;
/** Runs of an automatic fix before its success counts. */
export const FIX_AUTOMATIC_TRIED_MIN = 5;
export const FIX_AUTOMATIC_TICK_MS = 1_000;
/** A fix that could not run by itself is left alone for so long. */
export const FIX_AUTOMATIC_REST_MS = 60_000;
/** Alerts that one look starts automatic fixes for. */
export const FIX_AUTOMATIC_STARTED_MAX = 100;
/** How long runs that are over are kept. */
export const FIX_RUN_KEPT_DAYS = 90;
/** How often some of the houses that are behind with their configuration are looked at, and when they are told again. */
export const CONFIGURATION_TICK_MS = 500;
export const CONFIGURATION_LOOKED_AT_HOUSES = 2_000;
export const CONFIGURATION_RESEND_MS = 10_000;
/** Houses that are told at once, and those of which something was heard that may wait for that. */
export const CONFIGURATIONS_TAKEN_MAX = 200;
export const CONFIGURATION_HEARD_MAX = 100_000;
/** Houses that one transaction computes the configuration of, and how often houses are looked for that need it. */
export const CONFIGURATION_BATCH_HOUSES = 500;
export const CONFIGURATION_INHERITANCE_TICK_MS = 250;
/** What could not be computed is left alone for so long. */
export const CONFIGURATION_RETRY_MS = 30_000;
/** How long changes of groups that have come to all houses are kept, and how many versions of what was set. */
export const CONFIGURATION_JOB_KEPT_MS = 7 * 24 * 3600_000;
export const CONFIGURATION_VERSIONS_KEPT = 500;
export const CONFIGURATION_SCHEMAS_MAX = 200;
export const CONFIGURATION_SCHEMA_VERSIONS_SHOWN = 100;

/** Rules of one tenant, and versions of one that are listed. */
export const RULES_OF_TENANT_MAX = 200;
export const RULE_VERSIONS_SHOWN_MAX = 100;
/** How long the hub takes the rules of a tenant for true without a word from the bus. */
export const RULES_FRESH_MS = 30_000;
/** Devices that the hub asks the rules of at a time, and for how long it collects them. */
export const RULES_ASK_DEVICES_MAX = 1000;
export const RULES_ASK_MS = 20;
/** When rules change, so many devices are told every so often: 19,000 within ten seconds. */
export const RULES_TELL_DEVICES = 200;
export const RULES_TELL_MS = 100;
/** How often it is compared what devices were told: the bus may have lost a change. */
export const RULES_SWEEP_MS = 10 * 60_000;
/** Trying rules on history: how many at a time in one process, for how long, on how many houses. */
export const BACKTESTS_MAX = 2;
export const BACKTEST_MS_MAX = 10_000;
export const BACKTEST_DEVICES_MAX = 2000;
/** Until when single reports are there, and how far before the range they are read. */
export const BACKTEST_RAW_DAYS = 7;
export const BACKTEST_LEAD_MS_MIN = 30 * 60_000;
export const BACKTEST_LEAD_MS_MAX = 24 * 3600_000;
/** What an answer shows: steps of time, houses, alerts. */
export const BACKTEST_STEPS_MAX = 62;
export const BACKTEST_WORST_SHOWN = 50;
export const BACKTEST_SAMPLES_SHOWN = 50;
/** Alerts of one source that a trial of a rule has open: a star stands for many things. */
export const OPEN_ALERTS_OF_SOURCE_MAX = 256;
/** How often workers evaluate rules, on how many devices at a time, and how many alerts of rules that went they close. */
export const RULE_WATCH_MS = 10_000;
export const RULE_WATCH_DEVICES = 500;
export const RULE_WATCH_CLEARS_MAX = 500;
/** For how long a house may not have heard that a rule was deleted. */
export const DELETED_RULES_KEPT_MS = 7 * 24 * 3600_000;
