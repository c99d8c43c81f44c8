/** The schemas that come with the system: the client's own keys, and what sensors of the kinds that it knows can be set to. */
import type { ConfigurationField, ConfigurationSchemaDraft } from '@lovely/api';

type Written = Pick<ConfigurationField, 'key' | 'title' | 'type'> & Partial<ConfigurationField>;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

function field(written: Written): ConfigurationField {
  return {
    description: '',
    unit: '',
    min: null,
    max: null,
    lengthMax: null,
    pattern: '',
    choices: [],
    default: null,
    needsRestart: false,
    ...written,
  };
}

const sensors = (kind: string, title: string, fields: Written[]): [string, ConfigurationSchemaDraft] => [
  `sensor-${kind}`,
  {
    title,
    of: { kind: 'sensors', kinds: [kind], models: [] },
    fields: fields.map(field),
    // A maker's sensor may know more than all of its kind.
    takesUnknown: true,
  },
];

/** By key. The limits of the client's keys are those of the client itself (packages/client/src/client-settings.ts). */
export const DEFAULT_CONFIGURATION_SCHEMAS: ReadonlyMap<string, ConfigurationSchemaDraft> = new Map([
  [
    'client',
    {
      title: 'Client on the gateway',
      of: { kind: 'client' },
      takesUnknown: false,
      fields: [
        field({
          key: 'sampleIntervalMs',
          title: 'Reads its figures every',
          description:
            'How often the gateway reads its own figures and evaluates its rules. More often costs processor time.',
          type: 'duration',
          min: 100,
          max: HOUR_MS,
          default: 5 * SECOND_MS,
        }),
        field({
          key: 'reportBatchMs',
          title: 'Collects changes for',
          description: 'How long changed values wait for others before they go out as one message. Alerts never wait.',
          type: 'duration',
          min: 100,
          max: HOUR_MS,
          default: 10 * SECOND_MS,
        }),
        field({
          key: 'fullReportIntervalMs',
          title: 'Full report every',
          description: 'How often everything that changed at all is reported, also small changes.',
          type: 'duration',
          min: SECOND_MS,
          max: 24 * HOUR_MS,
          default: 15 * MINUTE_MS,
        }),
        field({
          key: 'inventoryIntervalMs',
          title: 'Compares its inventory every',
          type: 'duration',
          min: 10 * SECOND_MS,
          max: 24 * HOUR_MS,
          default: 5 * MINUTE_MS,
        }),
        field({
          key: 'heartbeatMs',
          title: 'Heartbeat',
          description:
            'How long the line may be quiet before the gateway asks whether it still holds. Without it, what the server asks for; never slower than that, as the server would hang up.',
          type: 'duration',
          min: 100,
          max: 30 * MINUTE_MS,
        }),
        field({
          key: 'shellsMax',
          title: 'Terminals',
          description: 'How many terminals may be open at the same time; 0 forbids them.',
          type: 'integer',
          min: 0,
          max: 256,
          default: 16,
        }),
        field({
          key: 'shellsPerUserMax',
          title: 'Terminals of one person',
          type: 'integer',
          min: 1,
          max: 256,
          default: 4,
        }),
      ],
    },
  ],
  sensors('power-outlet', 'Power outlet', [
    {
      key: 'switchOffAtAmperes',
      title: 'Switches off at',
      type: 'number',
      unit: 'A',
      min: 1,
      max: 16,
      default: 16,
    },
    {
      key: 'afterPowerLoss',
      title: 'After a power cut',
      type: 'choice',
      choices: [
        { value: 'as-before', title: 'As before' },
        { value: 'on', title: 'On' },
        { value: 'off', title: 'Off' },
      ],
      default: 'as-before',
    },
    { key: 'childLock', title: 'Button locked', type: 'boolean', default: false },
  ]),
  sensors('light-bulb', 'Light bulb', [
    { key: 'brightnessMaxPercent', title: 'Brightest', type: 'integer', unit: '%', min: 1, max: 100, default: 100 },
    { key: 'fadeMs', title: 'Fades for', type: 'duration', min: 0, max: MINUTE_MS, default: 400 },
    { key: 'onAfterPowerLoss', title: 'On after a power cut', type: 'boolean', default: true },
  ]),
  sensors('oven', 'Kitchen oven', [
    { key: 'celsiusMax', title: 'Hottest', type: 'integer', unit: '°C', min: 50, max: 300, default: 275 },
    {
      key: 'switchOffAfterMs',
      title: 'Switches off after',
      description: 'How long it may be on without anybody touching it.',
      type: 'duration',
      min: 10 * MINUTE_MS,
      max: 24 * HOUR_MS,
      default: 5 * HOUR_MS,
    },
    { key: 'childLock', title: 'Child lock', type: 'boolean', default: false },
  ]),
  sensors('heating', 'Heating system', [
    { key: 'flowCelsiusMax', title: 'Hottest flow', type: 'number', unit: '°C', min: 25, max: 80, default: 70 },
    { key: 'waterCelsius', title: 'Hot water', type: 'number', unit: '°C', min: 40, max: 65, default: 55 },
    {
      key: 'mode',
      title: 'Mode',
      type: 'choice',
      choices: [
        { value: 'automatic', title: 'Automatic' },
        { value: 'economy', title: 'Economy' },
        { value: 'away', title: 'Away' },
      ],
      default: 'automatic',
    },
  ]),
  sensors('solar-plant', 'Solar plant', [
    {
      key: 'feedInMaxPercent',
      title: 'Feeds in at most',
      description: 'Of the power that the plant is made for.',
      type: 'integer',
      unit: '%',
      min: 0,
      max: 100,
      default: 100,
    },
  ]),
]);
