/** Every limit and rate of the simulator in one place. */

export const HOUSES_DEFAULT = 1_000;
/** A simulated gateway is one open socket, and a process may have 20,000 files open. */
export const HOUSES_MAX = 19_000;
export const SEED_DEFAULT = 7;

/** Houses that are preauthorised, named and placed at the same time. */
export const JOINS_AT_ONCE = 24;
/** How long one HTTP exchange may take, and how long a server that can't be reached is asked again. */
export const HTTP_TIMEOUT_MS = 30_000;
export const HTTP_RETRY_FIRST_MS = 250;
export const HTTP_RETRY_MAX_MS = 5_000;
export const HTTP_TRIES_MAX = 12;
/** Devices and alerts asked for at once; the server's largest page. */
export const PAGE_ITEMS = 500;

/** How often a house's figures are read and its rules evaluated. The houses take turns, one group a tick. */
export const TICK_MS = 1_000;
export const SAMPLE_TICKS = 10;
/** As the real client's. */
export const FULL_REPORT_MS = 15 * 60_000;
export const SPOOL_BYTES_MAX = 256 * 1024;
export const SPOOL_MESSAGES_MAX = 1_000;

/** Towns smaller than this hold none of our houses. */
export const TOWN_POPULATION_MIN = 2_000;

const MINUTE_MS = 60_000;
/**
 * How long a house is well between two problems, on average. Together with how long problems are to be seen it makes 2
 * to 3 % of the fleet red or amber.
 */
export const HEALTHY_MS_MEAN = 150 * MINUTE_MS;
/** How long the sensors of a house are well between two faults, and how often they tell something new. */
export const SENSOR_HEALTHY_MS_MEAN = 40 * 60 * MINUTE_MS;
export const SENSOR_STEP_MS = 5 * MINUTE_MS;
/** How long before the start the story began, so that the fleet is in its steady state at once. */
export const STORY_LEAD_MS = 12 * 60 * MINUTE_MS;
/** A regional outage comes this often on average, whatever the number of houses. */
export const OUTAGE_INTERVAL_MS_MEAN = 12 * MINUTE_MS;
export const OUTAGE_RADIUS_KM = 300;
/** The share of a fleet that one outage may take, and the most in any fleet. */
export const OUTAGE_HOUSES_SHARE = 0.012;
export const OUTAGE_HOUSES_MAX = 200;

/** Sessions that one simulated gateway offers, as the real client. */
export const CONSOLES_MAX = 16;
export const CONSOLES_PER_USER_MAX = 4;
export const CONSOLE_LINE_LENGTH_MAX = 1_024;

/** How long the parts of the demo have to come up, and to stop before they are killed. */
export const DEMO_START_MS = 120_000;
export const DEMO_STOP_MS = 30_000;
/** The last lines of a part that are shown when it dies. */
export const DEMO_LINES_KEPT = 20;
/** How often the real client of the demo is looked for until it has asked to join. */
export const DEMO_ACCEPT_MS = 200;
/** How often the simulator says how its fleet is doing: on a terminal, and in a log while it joins and afterwards. */
export const PROGRESS_TERMINAL_MS = 500;
export const PROGRESS_JOINING_MS = 2_000;
export const PROGRESS_JOINED_MS = 60_000;

/** How long the steps of an update take on a simulated gateway, and how fast its line is. */
export const UPDATE_STEP_MS_MIN = 1_500;
export const UPDATE_STEP_MS_MAX = 6_000;
export const UPDATE_BYTES_PER_SECOND_MIN = 200_000;
export const UPDATE_BYTES_PER_SECOND_MAX = 3_000_000;
/** A download of the demo is not to be waited for longer. */
export const UPDATE_DOWNLOAD_MS_MAX = 20_000;
/** The shares of updates that fail by bad luck, and of those of a release that is called bad. */
export const UPDATE_FAILS_SHARE = 0.015;
export const BAD_UPDATE_FAILS_SHARE = 0.3;
/** Of those that fail, the share that can't be rolled back. */
export const UPDATE_NO_ROLLBACK_SHARE = 0.1;

/** How long the steps of a simulated sensor's firmware take, in how many pieces, and how many sensors get it at a time. */
export const FIRMWARE_STEP_MS = {
  describe: 600,
  prepare: 1_200,
  transfer: 9_000,
  verify: 1_500,
  activate: 3_000,
  rollback: 2_500,
} as const;
export const FIRMWARE_PIECES = 6;
export const FIRMWARE_PARALLEL = 2;
/** The shares of sensors that fail, by bad luck or because the release is bad, and of those that sleep first, and how long. */
export const FIRMWARE_FAILS_SHARE = 0.01;
export const BAD_FIRMWARE_FAILS_SHARE = 0.25;
export const FIRMWARE_SLEEPS_SHARE = 0.1;
export const FIRMWARE_SLEEP_MS_MAX = 45_000;
