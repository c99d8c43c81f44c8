/** ProtoMsg: frames, the message catalogue and its limits. Pure: no I/O, no clock, no Node types. */
export { decodeFrame, encodeFrame, frame } from './frame.ts';
export type { Frame } from './frame.ts';
export { decode } from './message-pack/decode.ts';
export { encode } from './message-pack/encode.ts';
export { isMap, Timestamp } from './message-pack/value.ts';
export type { Value, ValueMap } from './message-pack/value.ts';
export { ProtocolError } from './error.ts';
export type { ProtocolErrorCode } from './error.ts';
export type { Message } from './message.ts';
export { CUSTOM_PROTO_MAX, CUSTOM_PROTO_MIN, PROTO } from './proto.ts';
export type { ProtoName } from './proto.ts';
export { PROTOCOL_VERSION } from './version.ts';
export {
  ACK_IDS_MAX,
  ALERT_BATCH_MAX,
  ATTRIBUTES_MAX,
  BODY_BYTES_MAX_DOWN,
  CUSTOM_BODY_BYTES_MAX,
  COMMAND_CHUNK_BYTES_MAX,
  COMMAND_EXPIRY_MS_MAX,
  COMMAND_KEYS_MAX,
  COMMAND_OUTPUT_BYTES_MAX,
  COMMAND_PARAMETERS_MAX,
  COMMAND_SCRIPT_BYTES_MAX,
  COMMAND_TIMEOUT_MS_MAX,
  CONFIGURATION_CONFIRM_MS_MAX,
  CONFIGURATION_PROBLEMS_MAX,
  CONFIGURATION_VALUES_MAX,
  FRAME_BYTES_MAX_DOWN,
  FRAME_BYTES_MAX_UP,
  METRICS_MAX,
  NAME_LENGTH_MAX,
  PROVIDES_MAX,
  REPORTS_MAX,
  RULE_STATES_MAX,
  RULE_TARGETS_MAX,
  RULES_MAX,
  RULES_PART_BYTES_MAX,
  SENSORS_MAX,
  TEXT_LENGTH_MAX,
  UPDATE_ATTEMPTS_MAX,
  UPDATE_LOG_LINES_MAX,
  UPDATE_PATH_LENGTH_MAX,
  UPDATE_SENSORS_MAX,
} from './limits.ts';
export {
  controlAccept,
  controlAck,
  controlClock,
  controlClose,
  controlDrain,
  controlError,
  controlHello,
  controlOpen,
  controlPing,
  controlPong,
  controlWelcome,
} from './messages/control.ts';
export {
  SHELL_STATUS,
  shellInput,
  shellNew,
  shellOutput,
  shellPing,
  shellPong,
  shellResize,
  shellStarted,
  shellStop,
  shellStopped,
} from './messages/shell.ts';
export {
  FILE_CHUNK_BYTES,
  FILE_CHUNKS_AHEAD,
  fileAck,
  fileChunk,
  fileError,
  fileGet,
  fileInfo,
  filePut,
  fileStat,
} from './messages/filetransfer.ts';
export { statusReport } from './messages/status.ts';
export type { MetricValue, StatusReport } from './messages/status.ts';
export { alertBatch, alertClear, alertRaise } from './messages/alert.ts';
export type { Severity } from './messages/alert.ts';
export { alertRules, joinRules, ruleBytes, ruleFrames } from './messages/alert-rules.ts';
export type { DeviceRule, DeviceWatch, RulesHeld } from './messages/alert-rules.ts';
export { describeAlert } from './rules/describe.ts';
export type { AlertValues } from './rules/describe.ts';
export { evaluate, keyOf, NO_STATE } from './rules/evaluate.ts';
export type { AlertChange, AlertName, Evaluation, RuleState } from './rules/evaluate.ts';
export type { Facts, Reading, RuleEvent, SourceFacts, TargetState } from './rules/facts.ts';
export { matchMetric, starNoun } from './rules/metric-pattern.ts';
export { compilePattern } from './rules/pattern.ts';
export type { Pattern } from './rules/pattern.ts';
export { inventoryReport } from './messages/inventory.ts';
export {
  COMMAND_REFUSALS,
  commandBytes,
  commandCancel,
  commandContent,
  commandDone,
  commandKeyBytes,
  commandKeys,
  commandOutput,
  commandRun,
  commandStarted,
} from './messages/command.ts';
export type { CommandDone, CommandKey, CommandParameters, CommandRefusal, CommandRun } from './messages/command.ts';
export {
  SENSOR_UPDATE_STATES,
  UPDATE_CAUSES,
  UPDATE_PAUSES,
  UPDATE_STATES,
  updateAbort,
  updateContinue,
  updateLog,
  updateOffer,
  updatePause,
  updateProgress,
  updateProvides,
  updateState,
} from './messages/update.ts';
export type {
  SensorUpdate,
  SensorUpdateState,
  UpdateCause,
  UpdateLogLine,
  UpdateOffer,
  UpdatePause,
  UpdateReport,
  UpdateState,
} from './messages/update.ts';
export {
  CONFIGURATION_REVERT_REASONS,
  configurationDesired,
  configurationReported,
  configurationReverted,
} from './messages/configuration.ts';
export type {
  ConfigurationProblems,
  ConfigurationRevertReason,
  ConfigurationValues,
} from './messages/configuration.ts';
export { sensorsTopology } from './messages/sensors.ts';
export type { SensorDescription } from './messages/sensors.ts';
export { CHANGES_MAX, mapChanges, mapWatch, WATCHED_TILES_MAX } from './messages/map.ts';
export type { MapChange } from './messages/map.ts';
export { customMessage } from './messages/custom.ts';
export { FEED_EVENTS_MAX, feedEvents, feedSummary } from './messages/feed.ts';
export type { FeedEvent, FleetSummary } from './messages/feed.ts';
