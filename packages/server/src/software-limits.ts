/** Limits and times of software on its way: artifacts, uploads, downloads and deployments. Sizes are bytes, times what their names say. */
/** How long a link to download an artifact may work; a download that has begun goes on to its end. */
export const DOWNLOAD_LINK_MS_MAX = 24 * 3600_000;
/** The name of an artifact, and all that is kept of it beside its content, as JSON. */
export const ARTIFACT_NAME_LENGTH_MAX = 200;
export const ARTIFACT_RECORD_BYTES_MAX = 2 * 1024 * 1024;
export const ARTIFACTS_OF_RELEASE_MAX = 100;
export const SOFTWARE_NAMES_SHOWN_MAX = 1000;
export const TRUSTED_KEYS_MAX = 50;
/** Uploads of one tenant that are under way, and how long one is kept after its last part, or after its end. */
export const UPLOADS_OF_TENANT_MAX = 500;
export const UPLOAD_KEPT_MS = 24 * 3600_000;
/** Parts and artifacts that one process takes in at a time, and checks that it keeps between the parts of an upload. */
export const UPLOADS_AT_ONCE_MAX = 16;
/** Of these, parts of one tenant: nobody keeps all others from theirs. */
export const UPLOADS_OF_TENANT_AT_ONCE_MAX = 8;
export const UPLOAD_CHECKS_MAX = 16;
export const UPLOAD_BUSY_SECONDS = 5;
/** How soon what has arrived is stored, or made; for how long a worker has it to itself without a word. */
export const UPLOADS_STORED_AT_ONCE = 2;
/** A state script of an artifact that is made here. */
export const STATE_SCRIPT_BYTES_MAX = 1024 * 1024;
export const UPLOAD_TICK_MS = 250;
export const UPLOAD_CLAIM_MS = 60_000;
/** How often abandoned uploads and blobs that nothing names are deleted, and how long a blob may be without a name at first. */
export const UPLOAD_SWEEP_MS = 60_000;
export const BLOB_KEPT_MS = 3600_000;
export const BLOBS_SWEPT_MAX = 1000;
/** Copies of blobs of S3 that one machine keeps, and how long each at least. */
export const LOCAL_COPIES_BYTES_MAX = 32 * 1024 ** 3;
export const LOCAL_COPY_KEPT_MS = 60_000;
/** How long a connection that carries an artifact may stand still. */
export const BULK_IDLE_SECONDS = 120;

/** How often a worker looks for deployments and houses that are due, and how long at most nobody looks at one. */
export const DEPLOYMENT_TICK_MS = 250;
export const DEPLOYMENT_LOOK_MS = 5_000;
/** Deployments of one tenant that are not over. */
export const DEPLOYMENTS_OPEN_MAX = 200;
/** Houses that are collected at a time, that begin in one turn, and that are looked at at once. */
export const DEPLOYMENT_COLLECT_HOUSES = 20_000;
export const DEPLOYMENT_COLLECT_NOW_HOUSES = 5_000;
export const DEPLOYMENT_END_HOUSES = 5_000;
export const DEPLOYMENT_TURN_HOUSES = 1_000;
export const DEPLOYMENT_DUE_HOUSES = 500;
/** Houses whose time has come that become ready at a time, and gateways that are told at the same time. */
export const DEPLOYMENT_READY_HOUSES = 5_000;
export const DEPLOYMENT_TELLINGS_MAX = 256;
/** Deployments that one look takes. */
export const DEPLOYMENTS_TAKEN_MAX = 20;
/** Turns of one deployment before another has its turn. */
export const DEPLOYMENT_STEPS_MAX = 50;
/** How often new members of a target are looked for. */
export const DEPLOYMENT_JOIN_MS = 60_000;
/** How much of the time that may take. */
export const DEPLOYMENT_JOIN_SHARE = 0.02;
/** How often gates with alerts and reconnects are looked at, and how far back. */
export const DEPLOYMENT_GATE_MS = 5_000;
export const DEPLOYMENT_GATE_WINDOW_MS = 24 * 3600_000;
/** How long a deployment that can't be planned is left alone, so that it keeps no other waiting. */
export const DEPLOYMENT_REST_MS = 60_000;
/** When a house that waits for something is looked at again; what it waits for wakes it sooner. */
export const DEPLOYMENT_AWAY_LOOK_MS = 30 * 60_000;
export const DEPLOYMENT_BLOCKED_LOOK_MS = 10 * 60_000;
/** How long a gateway has to answer before it is told again, how often it is, and how long one that is away keeps its turn. */
export const DEPLOYMENT_RESEND_MS = 10_000;
export const DEPLOYMENT_SENDS_MAX = 6;
export const DEPLOYMENT_OFFER_AWAY_MS = 60_000;
/** One that asked has so long to begin. */
export const DEPLOYMENT_POLLER_BEGIN_MS = 10 * 60_000;
/** A connected gateway that has told nothing for so long is asked for its state, at most so often. */
export const DEPLOYMENT_SILENT_LOOK_MS = 10 * 60_000;
export const DEPLOYMENT_ASK_AGAIN_MS = 60_000;
/** One that asks and was silent in the middle of it for so long counts as away. */
export const DEPLOYMENT_POLLER_AWAY_MS = 2 * 3600_000;
/** A house that began and was not heard of for so long is given up. */
export const DEPLOYMENT_LOST_MS = 24 * 3600_000;
/** For how long a house is told of an abort that it has not answered. */
export const DEPLOYMENT_ABORT_TOLD_MS = 7 * 24 * 3600_000;
/** How long a link to an artifact is good, and how long before its end there is a new one. */
export const DEPLOYMENT_LINK_MS = 12 * 3600_000;
export const DEPLOYMENT_LINK_AHEAD_MS = 30 * 60_000;
/** The pause before a house tries again; it doubles with each try. */
export const DEPLOYMENT_RETRY_MS = 60_000;
export const DEPLOYMENT_RETRY_MS_MAX = 3600_000;
/** What one house may have of its own in one deployment. */
export const DEPLOYMENT_EVENTS_MAX = 300;
export const DEPLOYMENT_LOG_BYTES_MAX = 128 * 1024;
export const DEPLOYMENT_LOG_LINE_LENGTH_MAX = 2_000;
/** Lines around a failure that are shown, and how long its message may be. */
export const FAILURE_LINES_BEFORE = 12;
export const FAILURE_LINES_AFTER = 6;
export const FAILURE_MESSAGE_LENGTH_MAX = 500;
export const CAUSE_STEP_LENGTH_MAX = 128;
export const SUBSTATE_LENGTH_MAX = 500;
/** What one house may say that it provides. */
export const SOFTWARE_KEYS_MAX = 512;
export const SOFTWARE_VALUE_LENGTH_MAX = 4096;
/** Groups of failures, keys and versions that one answer shows. */
export const FAILURE_GROUPS_SHOWN_MAX = 50;
export const SOFTWARE_VERSIONS_SHOWN_MAX = 100;
export const SOFTWARE_KEYS_SHOWN_MAX = 100;
export const DEPLOYMENT_SAMPLE_HOUSES = 5;
export const DEPLOYMENT_EVENTS_SHOWN_MAX = 100;
/** How long timelines and logs are kept after a deployment is over, and reconnects of fleets. */
export const DEPLOYMENT_KEPT_DAYS = 180;
export const RECONNECTS_KEPT_DAYS = 2;
/** How long progress and reconnects are collected before they are written. */
export const DEPLOYMENT_PROGRESS_MS = 1_000;
export const DEPLOYMENT_PROGRESS_HOUSES_MAX = 50_000;
