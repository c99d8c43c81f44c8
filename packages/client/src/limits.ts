/** Every limit of the client in one place; those of the wire are in the protocol's own limits. */

/** How long one HTTP exchange may take. */
export const HTTP_TIMEOUT_MS = 30_000;
/** The largest HTTP answer that is read; a token is about 1 KiB. */
export const HTTP_BODY_BYTES_MAX = 64 * 1024;

/** How long connecting, TLS and the server's welcome may take together. */
export const WELCOME_TIMEOUT_MS = 20_000;
/** How long the server may take to answer a farewell. */
export const FAREWELL_TIMEOUT_MS = 1_000;
/** The bounds of the heartbeat that the server asks for. */
export const HEARTBEAT_MS_MIN = 100;
export const HEARTBEAT_MS_MAX = 30 * 60_000;
/** How long the answer to a heartbeat may take before the link counts as dead. */
export const PONG_TIMEOUT_MS = 15_000;
/** What may wait in the socket before the client holds messages back. */
export const SOCKET_BUFFERED_BYTES_MAX = 256 * 1024;
/** What may wait in the socket at all, replies that can't be held back included. */
export const SOCKET_BYTES_MAX = 4 * 1024 * 1024;
/** How often a full socket is looked at again. */
export const SOCKET_FULL_RETRY_MS = 20;

/** Reconnecting: each wait is random between 0 and a cap that doubles from the first to the last. */
export const RECONNECT_FIRST_MS = 1_000;
export const RECONNECT_MAX_MS = 60_000;
/** A connection that held for this long starts the reconnecting afresh. */
export const CONNECTION_STEADY_MS = 30_000;
/** Asking again while an operator hasn't accepted the gateway yet: often while somebody may be watching. */
export const PENDING_FIRST_MS = 3_000;
export const PENDING_GROWTH = 1.1;
export const PENDING_MAX_MS = 60_000;
/** The longest wait that a server may impose. */
export const RETRY_AFTER_MS_MAX = 24 * 3600_000;

/** What the spool holds at most; two megabytes are weeks of an idle gateway's reports. */
export const SPOOL_BYTES_MAX = 2 * 1024 * 1024;
export const SPOOL_MESSAGES_MAX = 20_000;
/** A spool that is full makes room down to this share of its limits, so that it doesn't do so for every message. */
export const SPOOL_ROOM_SHARE = 0.75;
/** A segment of the spool's journal is closed when it is larger than this. */
export const SEGMENT_BYTES_MAX = 128 * 1024;
/** The journal may take this many times the spool's size on disk before it carries old messages over. */
export const JOURNAL_GROWTH_MAX = 2;
/** How many message ids are reserved with one write to the disk. */
export const RESERVED_IDS = 256;
/** Status messages reach the disk's platters at the latest after this time, alerts at once. */
export const SPOOL_SYNC_MS = 30_000;

/** Unacknowledged messages are sent again after this time; it doubles while no ack comes. */
export const ACK_TIMEOUT_MS = 30_000;
export const ACK_TIMEOUT_MS_MAX = 5 * 60_000;
/** What one batch of alerts may hold, beside their number. */
export const ALERT_BATCH_BYTES_MAX = 128 * 1024;
/** A smaller step of the clock is none: time services move it by less all the time. */
export const CLOCK_STEP_MS_MIN = 1_000;
/** A clock that is set back by up to this is waited for: the server takes smaller errors for none and looks at times alone. */
export const CLOCK_HELD_MS_MAX = 30_000;
/** How many reports one message carries when the spool coalesces them. */
export const COALESCED_REPORTS_MAX = 64;

/** How long changed values are collected before they go out as one message. */
export const REPORT_BATCH_MS = 10_000;
/** Asking systemd costs a process, so it is asked less often than the rest. */
export const SERVICES_INTERVAL_MS = 30_000;
/** How long a program that the client asks may take, and how much it may print. */
export const COMMAND_TIMEOUT_MS = 10_000;
export const COMMAND_BYTES_MAX = 256 * 1024;
/** How many disks and interfaces are reported; a message holds 256 metrics in all. */
export const DISKS_MAX = 32;
export const INTERFACES_MAX = 16;
export const TEMPERATURES_MAX = 16;
/** How often the inventory is compared with what was last reported. */
export const INVENTORY_INTERVAL_MS = 5 * 60_000;

/** How often the age of the key is looked at. */
export const KEY_CHECK_INTERVAL_MS = 6 * 3600_000;

/** How many alerts may be open on one gateway. */
export const OPEN_ALERTS_MAX = 1024;
/** How many metrics of one sensor, or of the gateway, the rules look at. */
export const RULE_METRICS_MAX = 512;
/** How long what sensors tell, and what happens in logs, is collected before the rules are evaluated. */
export const SENSOR_EVALUATION_MS = 1000;
/** How many lines and signals that fit a rule are remembered until then; the oldest give way. */
export const RULE_EVENTS_MAX = 2000;

/** The terminal's size when the server names none (as mender-connect). */
export const TERMINAL_WIDTH_DEFAULT = 80;
export const TERMINAL_HEIGHT_DEFAULT = 40;
/** The client asks a shell's person for a sign of life this often, and waits this long for it (as mender-connect). */
export const SHELL_PING_MS = 60_000;
export const SHELL_PING_TIMEOUT_S = 65;
/** Output waiting for a slow link: above the first figure the program is paused, above the second the shell ends. */
export const SHELL_PAUSE_BYTES = 64 * 1024;
export const SHELL_BUFFERED_BYTES_MAX = 4 * 1024 * 1024;
/** A shell that ignores its hang-up is killed after this time. */
export const SHELL_KILL_MS = 2_000;
/** What a shell printed last has this long to arrive after its end. */
export const SHELL_DRAIN_MS = 100;
/** How many ended shells are remembered, to answer a late stop kindly. */
export const ENDED_SHELLS_MAX = 64;

/** What programs on the gateway may do, each connection for itself: calls a second and at once, bytes of arguments. */
export const LOCAL_CALLS_PER_SECOND = 20;
export const LOCAL_CALLS_BURST = 200;
export const LOCAL_BYTES_PER_SECOND = 64 * 1024;
export const LOCAL_BYTES_BURST = 1024 * 1024;
/** The largest call; what is larger is thrown away unread. */
export const LOCAL_CALL_BYTES_MAX = 128 * 1024;
/** Programs that talk to the client at the same time, and calls of one that wait for their turn. */
export const LOCAL_CALLERS_MAX = 128;
export const LOCAL_CALLS_WAITING_MAX = 64;
/** Sensors of the gateway, sensors that one program speaks for, and protos that one may register. */
export const LOCAL_SENSORS_MAX = 256;
export const SENSORS_PER_CALLER_MAX = 128;
export const PROTOS_PER_CALLER_MAX = 16;
/** Metrics of one sensor, and the length of one that is a text. */
export const PROGRAM_METRICS_MAX = 128;
export const VALUE_LENGTH_MAX = 256;
/** Alerts of programs that are open on the gateway, and on one sensor. */
export const PROGRAM_ALERTS_MAX = 512;
export const PROGRAM_ALERTS_PER_SENSOR_MAX = 32;
/** How long changes of the sensors are collected before they go out as one message. */
export const TOPOLOGY_BATCH_MS = 1_000;
/** Messages of programs may take this share of the spool; status and alerts have the rest. */
export const MESSAGES_SPOOL_SHARE = 0.25;

/** D-Bus: how long connecting and an answer of the bus may take, and what may stand before a message's body. */
export const BUS_CONNECT_TIMEOUT_MS = 10_000;
export const BUS_ANSWER_TIMEOUT_MS = 25_000;
export const BUS_FIELDS_BYTES_MAX = 16 * 1024;
/** Coming back to a bus that went away. */
export const BUS_RETRY_FIRST_MS = 200;
export const BUS_RETRY_MAX_MS = 30_000;
/** The largest frame of mender-connect's; the chunks of its files have 4096 bytes. */
export const SIDECAR_FRAME_BYTES_MAX = 64 * 1024;
/** What may wait for a program that doesn't read its end of the socket. */
export const LOCAL_SOCKET_BUFFERED_BYTES_MAX = 512 * 1024;

/** Following logs for rules: how often a file is looked at, and how much of it is read then; the rest is passed over. */
export const LOG_POLL_MS = 1_000;
export const LOG_POLL_BYTES_MAX = 256 * 1024;
/** How long a line may be; what comes after that is cut off. */
export const LOG_LINE_LENGTH_MAX = 4096;
/** How long the lines for one rule may keep the processor in a second; lines beyond that are passed over. */
export const LOG_MATCH_MS_PER_SECOND = 50;
/** The journal's reader ends when the journal is restarted; it is started again after this time. */
export const JOURNAL_RETRY_MS = 60_000;
/** Signals for one rule that are looked at in a second. */
export const SIGNALS_PER_SECOND_MAX = 100;

/** Runs of commands that are remembered, so that none is carried out twice; as many may begin before the oldest have expired. */
export const COMMAND_RUNS_REMEMBERED = 512;
/** Scripts whose content has come and whose run has not. */
export const COMMAND_SCRIPTS_WAITING_MAX = 4;
/** What a command prints is collected for so long before it is sent. */
export const COMMAND_OUTPUT_INTERVAL_MS = 250;
/** A program that is to end has this long before it is killed, and what it printed last has this long to arrive. */
export const COMMAND_KILL_MS = 5_000;
export const COMMAND_DRAIN_MS = 500;
/** What ends the gateway waits for so long, so that the server hears of it first. */
export const COMMAND_LAST_MS = 2_000;
/** Commands that were called off before they came, and are remembered. */
export const COMMANDS_CALLED_OFF_MAX = 64;
/** Commands without a good signature that are answered within a time; the rest is only logged. */
export const UNSIGNED_REFUSALS_MAX = 20;
export const UNSIGNED_REFUSALS_MS = 60_000;

/** Updates of sensors: how long each step of a driver may take, and how long it may say nothing. */
export const SENSOR_STEP_TIMEOUT_MS = {
  describe: 2 * 60_000,
  prepare: 10 * 60_000,
  transfer: 6 * 3600_000,
  verify: 30 * 60_000,
  activate: 30 * 60_000,
  rollback: 60 * 60_000,
} as const;
export const SENSOR_SILENCE_MS = 10 * 60_000;
/** How often steps of one sensor may fail on the way to the new firmware, and again on the way back. */
export const SENSOR_FAILURES_MAX = 8;
/** A step that failed is tried again after this time, which doubles each time. */
export const SENSOR_RETRY_FIRST_MS = 1_000;
export const SENSOR_RETRY_MAX_MS = 60_000;
/** A sensor that can't be reached is tried again after this time where its driver names none, and within these bounds. */
export const SENSOR_AWAY_MS = 60_000;
export const SENSOR_AWAY_MS_MIN = 1_000;
export const SENSOR_AWAY_MS_MAX = 24 * 3600_000;
/** One that gives a sign of life is tried at once, but not again within this time. */
export const SENSOR_WAKE_MS = 10_000;
/** News of sensors is collected for so long; the update gives a sign of life, and notes how long it waited, this often. */
export const SENSOR_NEWS_MS = 1_000;
export const SENSOR_LIFE_MS = 60_000;
export const SENSOR_WAIT_NOTED_MS = 10 * 60_000;
/** What a driver may print in one step, and how long a line of it may be; lines that go into the log of the update. */
export const DRIVER_OUTPUT_BYTES_MAX = 1024 * 1024;
export const DRIVER_LINE_LENGTH_MAX = 4096;
export const DRIVER_LOG_LINES_MAX = 20;
/** What must stay free on the disk beside the firmware that is kept while sensors get it. */
export const FIRMWARE_SPACE_LEFT_BYTES = 4 * 1024 * 1024;
/** How many files a firmware has; a program is told of each. */
export const FIRMWARE_FILES_MAX = 64;
/** How much of a firmware's file a program reads in one call. */
export const FIRMWARE_READ_BYTES_MAX = 64 * 1024;

/** How long a tool of the boot loader may take, and what it may print: an environment has at most 128 KiB. */
export const BOOT_TOOL_TIMEOUT_MS = 60_000;
export const BOOT_TOOL_OUTPUT_BYTES_MAX = 512 * 1024;
/** An image is written in such blocks, and is synchronised each so many bytes, so that a weak gateway does not choke on it. */
export const IMAGE_BLOCK_BYTES = 1024 * 1024;
export const IMAGE_SYNC_BYTES = 32 * 1024 * 1024;

/** Steps of one update that are stored; more of them would go on for ever. */
export const UPDATE_STEPS_STORED_MAX = 30;
/** What must be free on the disk before an update begins, besides its payloads. */
export const UPDATE_FREE_BYTES_MIN = 1024 * 1024;
/** How much of an artifact is asked for at once, and how long a silent answer is waited for. */
export const DOWNLOAD_PART_BYTES = 8 * 1024 * 1024;
export const DOWNLOAD_SILENCE_MS = 60_000;
/** Between attempts to go on with a download, and when it is given up: nothing came for so long, or only refusals did. */
export const DOWNLOAD_RETRY_FIRST_MS = 1_000;
export const DOWNLOAD_RETRY_MAX_MS = 5 * 60_000;
export const DOWNLOAD_GIVE_UP_MS = 3 * 3600_000;
export const DOWNLOAD_REFUSED_MS = 15 * 60_000;
/** How often the progress of an update is told. */
export const UPDATE_PROGRESS_MS = 2_000;
/** State scripts: how long one may take; one that ends with 21 is run again after the second time, for the third at most. */
export const SCRIPT_TIMEOUT_MS = 3600_000;
export const SCRIPT_RETRY_MS = 60_000;
export const SCRIPT_RETRIES_MS = 30 * 60_000;
/** How long the machine may take to go down after it was told to start anew. */
export const REBOOT_WAIT_MS = 10 * 60_000;
/** Of what a program of an update printed, so much is told as the reason of its failure, and is looked for in its last lines. */
export const PROGRAM_MESSAGE_LENGTH_MAX = 300;
export const LAST_WORDS_LINES = 10;
/** What a query of an update module may answer. */
export const MODULE_ANSWER_BYTES_MAX = 1024;
/** How often it is looked whether a module reads its stream. */
export const MODULE_STREAM_LOOK_MS = 10;
/** How long a module that reads has to make room in the pipe. */
export const MODULE_PIPE_FULL_MS = 1;
/** Lines of an update's log on the disk: the first ones, and as many of the last twice. */
export const UPDATE_LOG_BYTES_MAX = 64 * 1024;
export const UPDATE_LOG_LINE_LENGTH_MAX = 1024;
/** How many ended updates are remembered, to answer an offer of them. */
export const ENDED_UPDATES_REMEMBERED = 16;

/** Configure scripts: how many of a folder run, how long one may take, and how much of what one says is told. */
export const CONFIGURE_SCRIPTS_MAX = 64;
export const CONFIGURE_SCRIPT_TIMEOUT_MS = 60_000;
export const CONFIGURE_OUTPUT_LENGTH_MAX = 500;
/** A client that starts so often before a configuration is confirmed goes back from it. */
export const CONFIGURATION_STARTS_MAX = 3;
