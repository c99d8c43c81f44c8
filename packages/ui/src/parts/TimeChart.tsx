/**
 * Lines over time: drag to zoom, arrow keys to read, min/max band, and a table for whoever can't see it. It brings a
 * library along, so it belongs on pages that are loaded when they are needed.
 */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { CHART_TABLE_ROWS } from '../limits.ts';
import { createPlot, type PlotOptions } from './time-plot.ts';
import { momentText } from './time-axis.ts';
import styles from './TimeChart.module.css';

/** Null where the line is cut, undefined where it goes on to the next value. */
export type Points = readonly (number | null | undefined)[];

export interface TimeLine {
  /** '' for the only line. */
  readonly label: string;
  readonly mean: Points;
  readonly min: Points;
  readonly max: Points;
}

export interface TimeChartProps {
  /** What is shown, for screen readers. */
  readonly label: string;
  /** In milliseconds since 1970, rising. */
  readonly times: readonly number[];
  readonly lines: readonly TimeLine[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: (value: number) => string;
  /** How far apart marks of the axis may be, where tens are not round. */
  readonly marks?: readonly number[] | undefined;
  /** Values outside are marked. */
  readonly good?: { readonly min?: number; readonly max?: number } | undefined;
  /** Where the axis begins and ends at the least. */
  readonly axis?: { readonly min?: number; readonly max?: number } | undefined;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

export function TimeChart(props: TimeChartProps) {
  const { label, times, lines, fromMs, toMs, text } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [at, setAt] = useState<number | null>(null);
  const scheme = useComputedColorScheme();
  // The plot outlives what it was made with, and asks for what is wanted now.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const shape = lines.map((line) => line.label).join('\n');

  useEffect(() => {
    const element = frame.current!;
    const options: PlotOptions = { latest: () => latest.current, onMove: setAt };
    const made = createPlot(element, options);
    plot.current = made;
    const resized = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.current = null;
      made.destroy();
    };
    // Colours are read when it is made.
  }, [scheme, shape]);

  useEffect(() => {
    plot.current?.setData(dataOf(times, lines), false);
    plot.current?.setScale('x', { min: fromMs, max: toMs });
  }, [times, lines, fromMs, toMs, scheme, shape]);

  const read = at === null ? undefined : times[at];
  const last = Math.max(0, times.length - 1);
  return (
    <figure className={styles.chart} aria-label={label}>
      <input
        type="range"
        className={`visually-hidden ${styles.reader}`}
        aria-label={`${label}: moment. Arrow keys read values, plus zooms in there.`}
        min={0}
        max={last}
        value={Math.min(last, at ?? last)}
        aria-valuetext={readOut(props, at ?? last)}
        onChange={(event) => readAt(plot.current, times[event.currentTarget.valueAsNumber])}
        onKeyDown={(event) => {
          if (event.key === '+' || event.key === '=') zoomAt(props, times[at ?? last]);
        }}
      />
      <div ref={frame} className={styles.frame} />
      <figcaption className={styles.legend}>
        {lines.map((line, index) => {
          const value = line.mean[at ?? -1] ?? (at === null ? lastOf(line.mean) : undefined);
          return (
            <span key={line.label} className={styles.key}>
              <i data-color={index % CHART_COLORS} aria-hidden />
              {line.label}
              <b>{typeof value === 'number' ? text(value) : '—'}</b>
              {at !== null && isSpread(line, at) && (
                <small>
                  {text(line.min[at]!)} to {text(line.max[at]!)}
                </small>
              )}
            </span>
          );
        })}
        <time className={styles.moment}>{read === undefined ? '' : momentText(read)}</time>
      </figcaption>
      <DataTable {...props} />
    </figure>
  );
}

const CHART_COLORS = 6;

function dataOf(times: readonly number[], lines: readonly TimeLine[]): uPlot.AlignedData {
  // Of each line: the mean, then the band's upper and lower edge.
  return [[...times], ...lines.flatMap((line) => [line.mean, line.max, line.min])] as uPlot.AlignedData;
}

/** Moves the cursor to a moment, as a pointer would. */
function readAt(plot: uPlot | null, time: number | undefined): void {
  if (plot && time !== undefined) plot.setCursor({ left: plot.valToPos(time, 'x'), top: plot.over.clientHeight / 2 });
}

/** To half of the time, around the moment where there is room. */
function zoomAt({ fromMs, toMs, onZoom }: TimeChartProps, time: number | undefined): void {
  const quarter = (toMs - fromMs) / 4;
  const middle = Math.min(toMs - quarter, Math.max(fromMs + quarter, time ?? toMs));
  onZoom(Math.round(middle - quarter), Math.round(middle + quarter));
}

function readOut({ times, lines, text }: TimeChartProps, at: number): string {
  const time = times[at];
  if (time === undefined) return 'no values';
  const values = lines.map(({ label, mean }) => {
    const value = mean[at];
    return `${label} ${typeof value === 'number' ? text(value) : 'no value'}`.trim();
  });
  return `${momentText(time)}: ${values.join(', ')}`;
}

function lastOf(values: Points): number | undefined {
  return values.findLast((value) => typeof value === 'number') ?? undefined;
}

function isSpread({ min, max }: TimeLine, at: number): boolean {
  return typeof min[at] === 'number' && typeof max[at] === 'number' && min[at] !== max[at];
}

/** The same as a table, for screen readers: some moments at even distances. */
function DataTable({ label, times, lines, text }: TimeChartProps) {
  const every = Math.max(1, Math.ceil(times.length / CHART_TABLE_ROWS));
  const rows = times.map((time, at) => ({ time, at })).filter(({ at }) => at % every === 0);
  const cell = (line: TimeLine, at: number): string => {
    const value = line.mean[at];
    if (typeof value !== 'number') return 'none';
    return isSpread(line, at) ? `${text(value)} (${text(line.min[at]!)} to ${text(line.max[at]!)})` : text(value);
  };
  return (
    <div className="visually-hidden">
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map((line) => (
              <th key={line.label} scope="col">
                {line.label === '' ? 'Value' : line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, at }) => (
            <tr key={time}>
              <th scope="row">{momentText(time)}</th>
              {lines.map((line) => (
                <td key={line.label}>{cell(line, at)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
