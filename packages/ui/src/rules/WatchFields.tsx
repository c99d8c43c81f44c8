/** What a rule watches: on the gateway or on sensors, which kind of thing, and the figures of that kind. */
import { describeMetric, METRIC_UNITS, SENSOR_KINDS, type RuleDraft, type Watch } from '@lovely/api';
import { NativeSelect, SegmentedControl, Switch, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { DurationField } from '../parts/DurationField.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { sensorModelsQuery } from '../sensors/sensor-queries.ts';
import { kindTitle } from '../sensors/sensor-text.ts';
import { MetricField } from './MetricField.tsx';
import { WATCH_KINDS, withKind } from './watch-kinds.ts';
import { ruleOfText, watchText } from './watch-text.ts';
import styles from './WatchFields.module.css';

interface FieldsProps<W extends Watch> {
  readonly watch: W;
  readonly isReadOnly: boolean;
  readonly errorOf: (path: string) => string | undefined;
  readonly onChange: (watch: W) => void;
}

export function WatchFields({
  draft,
  isReadOnly,
  errorOf,
  onChange,
}: {
  draft: RuleDraft;
  isReadOnly: boolean;
  errorOf: (path: string) => string | undefined;
  onChange: (draft: RuleDraft) => void;
}) {
  const { watch } = draft;
  const kind = WATCH_KINDS[watch.kind];
  const Icon = kind.icon;
  const isFixed = kind.blank === undefined;
  return (
    <>
      <NativeSelect
        label="Kind"
        description={kind.detail}
        leftSection={<Icon size={16} aria-hidden />}
        data={Object.entries(WATCH_KINDS)
          .filter(([name, { blank }]) => blank !== undefined || name === watch.kind)
          .map(([value, { title }]) => ({ value, label: title }))}
        value={watch.kind}
        disabled={isReadOnly || isFixed}
        onChange={(event) => onChange(withKind(draft, event.currentTarget.value as Watch['kind']))}
      />
      {kind.ofSensors && <OfFields draft={draft} isReadOnly={isReadOnly} onChange={onChange} />}
      <KindFields
        watch={watch}
        of={draft.of}
        isReadOnly={isReadOnly}
        errorOf={errorOf}
        onChange={(changed) => onChange({ ...draft, watch: changed })}
      />
      {kind.byServer && (
        <Switch
          label="The server finds out"
          description="For Mender’s clients and other gateways that can’t by themselves. It needs them to be connected."
          checked={draft.evaluatedBy === 'server'}
          disabled={isReadOnly}
          onChange={(event) => onChange({ ...draft, evaluatedBy: event.currentTarget.checked ? 'server' : 'device' })}
        />
      )}
      <output className={styles.words}>
        <span>In words</span> On {ruleOfText(draft.of)}: {watchText(watch)}
        {watchText(watch).endsWith('…') ? '' : '.'}
      </output>
    </>
  );
}

function OfFields({
  draft,
  isReadOnly,
  onChange,
}: {
  draft: RuleDraft;
  isReadOnly: boolean;
  onChange: (draft: RuleDraft) => void;
}) {
  const { data } = useQuery(sensorModelsQuery);
  const known = data?.items ?? [];
  const { of } = draft;
  const kinds = [...new Set([...Object.keys(SENSOR_KINDS), ...known.map(({ kind }) => kind)])];
  const models = [...new Set(known.map(({ model }) => model))].filter((model) => model !== '');
  return (
    <>
      <SegmentedControl
        aria-label="What it looks at"
        data={[
          { value: 'gateway', label: 'The gateway' },
          { value: 'sensors', label: 'Its sensors' },
        ]}
        value={of.kind}
        disabled={isReadOnly}
        onChange={(kind) =>
          onChange({
            ...draft,
            of: kind === 'sensors' ? { kind: 'sensors', kinds: [], models: [] } : { kind: 'gateway' },
          })
        }
      />
      {of.kind === 'sensors' && (
        <div className={styles.pair}>
          <TagsInput
            label="Kinds"
            placeholder={of.kinds.length === 0 ? 'Every kind' : ''}
            data={kinds}
            renderOption={({ option }) => kindTitle(option.value)}
            value={[...of.kinds]}
            disabled={isReadOnly}
            onChange={(chosen) => onChange({ ...draft, of: { ...of, kinds: chosen } })}
          />
          <TagsInput
            label="Models"
            placeholder={of.models.length === 0 ? 'Every model' : ''}
            data={models}
            value={[...of.models]}
            disabled={isReadOnly}
            onChange={(chosen) => onChange({ ...draft, of: { ...of, models: chosen } })}
          />
        </div>
      )}
    </>
  );
}

function KindFields({ watch, of, ...rest }: FieldsProps<Watch> & { of: RuleDraft['of'] }) {
  const { isReadOnly, errorOf, onChange } = rest;
  const metric = 'metric' in watch && (
    <MetricField
      of={of}
      value={watch.metric}
      error={errorOf('watch.metric')}
      isReadOnly={isReadOnly}
      mayBeAny={watch.kind === 'absence'}
      onChange={(name) => onChange({ ...watch, metric: name })}
    />
  );
  const duration = (label: string, member: 'forMs' | 'windowMs' | 'quietMs', description?: string) =>
    member in watch && (
      <DurationField
        label={label}
        {...(description === undefined ? {} : { description })}
        value={(watch as unknown as Record<string, number>)[member] ?? 0}
        error={errorOf(`watch.${member}`)}
        isDisabled={isReadOnly}
        onChange={(ms) => onChange({ ...watch, [member]: ms })}
      />
    );
  switch (watch.kind) {
    case 'threshold':
      return (
        <>
          {metric}
          <Levels watch={watch} {...rest} onChange={onChange} />
          {duration('Only when it lasts', 'forMs')}
        </>
      );
    case 'rate':
      return (
        <>
          {metric}
          <Levels watch={watch} {...rest} onChange={onChange} />
          <div className={styles.pair}>
            {duration('Within', 'windowMs')}
            {duration('Only when it lasts', 'forMs')}
          </div>
        </>
      );
    case 'state':
      return (
        <>
          {metric}
          <TagsInput
            label="States"
            description="Any of these raises it; yes and no are true and false."
            placeholder={watch.states.length === 0 ? 'fault, locked …' : ''}
            value={watch.states.map(String)}
            error={errorOf('watch.states')}
            disabled={isReadOnly}
            onChange={(states) => onChange({ ...watch, states: states.map(stateOf) })}
          />
          {duration('Only when it lasts', 'forMs')}
        </>
      );
    case 'absence':
      return (
        <>
          {metric}
          {duration('Silent for', 'forMs')}
        </>
      );
    case 'flapping':
      return (
        <>
          {metric}
          <NumberField
            label="Changes"
            value={watch.changes}
            min={1}
            isWhole
            error={errorOf('watch.changes')}
            isDisabled={isReadOnly}
            onChange={(changes) => onChange({ ...watch, changes })}
          />
          <div className={styles.pair}>
            {duration('Within', 'windowMs')}
            {duration('Good again after quiet of', 'quietMs')}
          </div>
        </>
      );
    case 'service':
      return (
        <>
          <TagsInput
            label="Services or processes"
            description="Names of units or processes. Empty: those that the gateway itself was told to watch."
            placeholder={watch.targets.length === 0 ? 'zigbee2mqtt.service …' : ''}
            value={[...watch.targets]}
            error={errorOf('watch.targets')}
            disabled={isReadOnly}
            onChange={(targets) => onChange({ ...watch, targets })}
          />
          {duration('Only when it lasts', 'forMs')}
        </>
      );
    case 'log':
      return (
        <>
          <div className={styles.pair}>
            <TextInput
              label="Journal of the unit"
              placeholder="All units"
              value={watch.unit}
              error={errorOf('watch.unit')}
              disabled={isReadOnly}
              onChange={(event) => onChange({ ...watch, unit: event.currentTarget.value })}
            />
            <TextInput
              label="Or a file"
              placeholder="/var/log/app.log"
              value={watch.path}
              error={errorOf('watch.path')}
              disabled={isReadOnly}
              onChange={(event) => onChange({ ...watch, path: event.currentTarget.value })}
            />
          </div>
          <TextInput
            label="Pattern"
            description="A regular expression that a line must fit."
            value={watch.pattern}
            error={errorOf('watch.pattern')}
            disabled={isReadOnly}
            className={styles.mono ?? ''}
            onChange={(event) => onChange({ ...watch, pattern: event.currentTarget.value })}
          />
          <NumberField
            label="Lines"
            value={watch.count}
            min={1}
            isWhole
            error={errorOf('watch.count')}
            isDisabled={isReadOnly}
            onChange={(lines) => onChange({ ...watch, count: lines })}
          />
          <div className={styles.pair}>
            {duration('Within', 'windowMs')}
            {duration('Good again after quiet of', 'quietMs')}
          </div>
        </>
      );
    case 'signal':
      return (
        <>
          <TextInput
            label="Interface"
            placeholder="com.example.Boiler1"
            value={watch.interface}
            error={errorOf('watch.interface')}
            disabled={isReadOnly}
            onChange={(event) => onChange({ ...watch, interface: event.currentTarget.value })}
          />
          <div className={styles.pair}>
            <TextInput
              label="Signal"
              placeholder="Failed"
              value={watch.member}
              error={errorOf('watch.member')}
              disabled={isReadOnly}
              onChange={(event) => onChange({ ...watch, member: event.currentTarget.value })}
            />
            <TextInput
              label="Signal that it is good again"
              placeholder="None"
              value={watch.clearMember}
              error={errorOf('watch.clearMember')}
              disabled={isReadOnly}
              onChange={(event) => onChange({ ...watch, clearMember: event.currentTarget.value })}
            />
          </div>
          <TextInput
            label="Object"
            placeholder="Any object"
            value={watch.path}
            error={errorOf('watch.path')}
            disabled={isReadOnly}
            onChange={(event) => onChange({ ...watch, path: event.currentTarget.value })}
          />
          {duration('Good again after quiet of', 'quietMs', '0: only by the signal above.')}
        </>
      );
    case 'offline':
      return (
        watch.forMs !== null && (
          <DurationField
            label="Out of reach for"
            value={watch.forMs}
            error={errorOf('watch.forMs')}
            isDisabled={isReadOnly}
            onChange={(forMs) => onChange({ ...watch, forMs })}
          />
        )
      );
    case 'clone':
    case 'configuration':
      return null;
  }
}

/** Where a figure raises an alert, and where it is good again. */
function Levels({ watch, isReadOnly, errorOf, onChange }: FieldsProps<Extract<Watch, { kind: 'threshold' | 'rate' }>>) {
  const unit = METRIC_UNITS[describeMetric(watch.metric).unit].symbol;
  const isAbove = watch.direction === 'above';
  const labels =
    watch.kind === 'rate'
      ? { value: isAbove ? 'Rises by' : 'Changes by (below 0)', directions: ['It rises', 'It falls'] as const }
      : { value: 'Raised at', directions: ['Too high', 'Too low'] as const };
  return (
    <div className={styles.levels}>
      <NativeSelect
        label="Wrong when"
        data={[
          { value: 'above', label: labels.directions[0] },
          { value: 'below', label: labels.directions[1] },
        ]}
        value={watch.direction}
        disabled={isReadOnly}
        onChange={(event) => onChange({ ...watch, direction: event.currentTarget.value as 'above' | 'below' })}
      />
      <NumberField
        label={labels.value}
        unit={unit}
        value={watch.raiseAt}
        error={errorOf('watch.raiseAt')}
        isDisabled={isReadOnly}
        onChange={(raiseAt) => onChange({ ...watch, raiseAt })}
      />
      <NumberField
        label="Good again at"
        unit={unit}
        value={watch.clearAt}
        error={errorOf('watch.clearAt')}
        isDisabled={isReadOnly}
        onChange={(clearAt) => onChange({ ...watch, clearAt })}
      />
    </div>
  );
}

/** `true` and `false` as people type them are the values of a yes-or-no metric. */
function stateOf(text: string): string | boolean {
  return text === 'true' ? true : text === 'false' ? false : text;
}
