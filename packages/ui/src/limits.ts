/** Limits and times of the user interface. */

/** The first wait before the live channel is opened again, doubled each time with full jitter. */
export const RECONNECT_FIRST_MS = 500;
export const RECONNECT_MAX_MS = 15_000;
/** A live channel that was silent this long is asked for a sign of life … */
export const LIVE_SILENCE_MS = 20_000;
/** … and given up when none came within this time. */
export const LIVE_ANSWER_MS = 10_000;
/** Queries are asked again at most this often because of what the feed says. */
export const FEED_REFRESH_MS = 1_000;
/** Data is shown as old when the live channel has been away this long; short gaps don't flicker. */
export const STALE_AFTER_MS = 2_500;
/** A skeleton shows after this time, so that fast answers don't flicker. */
export const SKELETON_AFTER_MS = 150;
/** Screen readers hear a changed count at most this often. */
export const ANNOUNCE_INTERVAL_MS = 10_000;
/** A town search starts this long after the last key. */
export const TYPING_PAUSE_MS = 200;
/** Between the two keys of a shortcut such as `g m`. */
export const SHORTCUT_GAP_MS = 1_200;
/** Mender's mender-connect rarely starts a shell that never prints; it is started again once after this time (COMPAT 0.13). */
export const SHELL_SILENCE_MS = 3_000;
/** How long a device may take to answer `new` or `stop`: mender-connect needs about 4 s to end a shell (COMPAT 0.12). */
export const SHELL_ANSWER_MS = 12_000;
/** Devices and alerts are fetched a page at a time. */
export const PAGE_ROWS = 50;
/** A passkey offer is made anew after this time: its challenge is good for five minutes. */
export const PASSKEY_OFFER_MS = 4 * 60_000;
/** Houses that a search for one of them offers. */
export const DEVICE_CHOICES = 8;
/** Lines of a CSV file that are imported by one request, so that progress shows. */
export const IMPORT_PART_RECORDS = 500;
/** Lines of a CSV file that are shown with what becomes of them. */
export const IMPORT_LINES_SHOWN = 300;
/** Charts of the last hours are asked for again this often; live values come in between. */
export const HISTORY_REFRESH_MS = 60_000;
/** Values that came since a page of charts was opened, of one house. */
export const LIVE_SAMPLES_MAX = 4_000;
/** Moments of a chart that are in its table for screen readers. */
export const CHART_TABLE_ROWS = 24;
/** How far the change of a group's configuration has come is asked for this often while it is on its way. */
export const CONFIGURATION_PROGRESS_MS = 1_000;
/** How long a house has to come back with a new configuration, unless somebody says else, and at most. */
export const CONFIRM_SECONDS_DEFAULT = 60;
export const CONFIRM_SECONDS_MAX = 3600;
/** What a fix prints on a house is asked for this often while it runs. */
export const FIX_OUTPUT_REFRESH_MS = 1_000;
/** What one request of an upload carries, when it tries again, and how often the end is looked for. */
export const UPLOAD_REQUEST_BYTES = 64 * 1024 * 1024;
export const UPLOAD_RETRY_MS = 3_000;
export const UPLOAD_LOOK_MS = 500;
/** Something that was resolved can be taken back this long. */
export const UNDO_MS = 10_000;
/** A fix that helped is told of on the page of its house this long. */
export const HELPED_SHOWN_MS = 10 * 60_000;
/** A deployment's rate is told when its phase has gone on this long. */
export const RATE_AFTER_MS = 5_000;
/** Houses that are chosen one by one for a deployment: they stand in the address. More of them make a group. */
export const CHOSEN_HOUSES_MAX = 100;
/** From so many houses on, the number must be typed before a deployment starts. */
export const TYPED_HOUSES_MIN = 100;
/** What is typed is in the address after this time. */
export const DRAFT_KEPT_MS = 250;
/** A page that the server did not answer for is tried again this often. */
export const ROUTE_RETRY_MS = 5_000;
