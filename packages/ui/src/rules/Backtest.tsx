/** What a rule would have done, from the history of the houses that it reaches. */
import type { Result, RuleDraft, backtestRule } from '@lovely/api';
import { Button, SegmentedControl } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { useState } from 'react';
import { durationText } from '../format/duration.ts';
import { count, plural } from '../format/number.ts';
import { exactly, longSpan, toMs } from '../format/time.ts';
import { Bars } from '../parts/Bars.tsx';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { barsOf } from './backtest-bars.ts';
import styles from './Backtest.module.css';
import { backtest } from './rule-queries.ts';

const DAY = 86_400_000;
const SPANS = [
  { label: 'Day', words: 'In the last day', ms: DAY },
  { label: 'Week', words: 'In the last week', ms: 7 * DAY },
  { label: '30 days', words: 'In the last 30 days', ms: 30 * DAY },
] as const;
type Span = (typeof SPANS)[number];

/** Houses and alerts that are named. */
const SHOWN_MAX = 5;

interface Trial {
  readonly rule: RuleDraft;
  readonly span: Span;
  readonly untilMs: number;
}
/** Kinds that leave nothing in the history of values. */
const WITHOUT_HISTORY: ReadonlySet<string> = new Set(['service', 'log', 'signal', 'offline', 'clone', 'configuration']);

export function Backtest({ rule }: { rule: RuleDraft | undefined }) {
  const [span, setSpan] = useState<Span>(SPANS[1]);
  const run = useMutation({ mutationFn: (trial: Trial) => backtest(trial.rule, trial.span.ms, trial.untilMs) });
  return (
    <Card title="Try it on what was">
      {rule && WITHOUT_HISTORY.has(rule.watch.kind) ? (
        <p className={styles.none}>History holds values only, so this kind can’t be tried before it is switched on.</p>
      ) : (
        <div className={styles.try}>
          <SegmentedControl
            aria-label="How far back"
            size="xs"
            fullWidth
            data={SPANS.map(({ label }) => label)}
            value={span.label}
            onChange={(label) => setSpan(SPANS.find((each) => each.label === label) ?? SPANS[1])}
          />
          <Button
            variant="light"
            leftSection={<History size={16} />}
            disabled={!rule}
            loading={run.isPending}
            onClick={() => rule && run.mutate({ rule, span, untilMs: Date.now() })}
          >
            Would it have fired?
          </Button>
          {!rule && <p className={styles.none}>Complete the rule to try it.</p>}
          <FormError error={run.error} />
          {run.data && <Found trial={run.variables} result={run.data} isOld={!isSame(run.variables.rule, rule)} />}
        </div>
      )}
    </Card>
  );
}

function Found({
  trial: { span, untilMs },
  result,
  isOld,
}: {
  trial: Trial;
  result: Result<typeof backtestRule>;
  isOld: boolean;
}) {
  const bars = barsOf(result, { fromMs: untilMs - span.ms, untilMs });
  const [most] = bars.toSorted((one, other) => other.value - one.value);
  return (
    <div className={styles.found} data-old={isOld || undefined}>
      <output>
        {span.words} it would have fired{' '}
        <b>{result.fires === 0 ? 'never' : result.fires === 1 ? 'once' : `${count(result.fires)} times`}</b>
        {result.fires > 0 && (
          <>
            {' '}
            on <b>{plural(result.houses, 'house')}</b>
          </>
        )}
        , of {count(result.devices)} looked at.
        {isOld && ' The rule has changed since.'}
        {!result.complete && ` There is more history than was looked at: until ${exactly(result.until)}.`}
      </output>
      {result.fires > 0 && (
        <>
          <Bars
            label={`Alerts in steps of ${durationText(result.stepMs)}, most, ${most?.value}, from ${most?.label} on`}
            bars={bars}
          />
          <div className={styles.axis}>
            <span>{bars[0]?.label}</span>
            <span>{bars.at(-1)?.label}</span>
          </div>
          <h3>Most often</h3>
          <ul className={styles.worst}>
            {result.worst.slice(0, SHOWN_MAX).map(({ deviceId, deviceName, fires, openMs }) => (
              <li key={deviceId}>
                <Link {...paths.device(deviceId)}>{deviceName}</Link>
                <span>
                  {fires}×, {longSpan(openMs)} in all
                </span>
              </li>
            ))}
          </ul>
          <h3>As it would have read</h3>
          <ul className={styles.sample}>
            {result.sample.slice(0, SHOWN_MAX).map((alert) => (
              <li key={`${alert.deviceId} ${alert.source} ${alert.openedAt}`}>
                {alert.description}
                <small>
                  {alert.deviceName}, <RelativeTime time={alert.openedAt} />
                  {alert.closedAt !== null && `, for ${longSpan(toMs(alert.closedAt) - toMs(alert.openedAt))}`}
                </small>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function isSame(one: RuleDraft, other: RuleDraft | undefined): boolean {
  return (
    JSON.stringify([one.watch, one.of, one.target]) === JSON.stringify(other && [other.watch, other.of, other.target])
  );
}
