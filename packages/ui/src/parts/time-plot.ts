/** The drawing below TimeChart: a uPlot with our colours, axes and gestures. */
import uPlot from 'uplot';
import type { TimeChartProps } from './TimeChart.tsx';
import { axisTexts } from './time-axis.ts';

export interface PlotOptions {
  /** What is to be drawn now; lines keep their number while a plot lives. */
  readonly latest: () => TimeChartProps;
  /** The index of the moment under the cursor, null when it has left. */
  readonly onMove: (at: number | null) => void;
}

/** Cursors of all charts of a page move together. */
const CURSORS = 'charts';
const DRAG_PIXELS_MIN = 8;
const AXIS_FONT = "11px 'Inter Variable', system-ui, sans-serif";
const AXIS_HEIGHT = 26;
const MARKS_APART_PIXELS = 70;
/** A scale without any room is drawn a little around its only value. */
const ROOM = 0.08;

export function createPlot(element: HTMLElement, { latest, onMove }: PlotOptions): uPlot {
  const css = getComputedStyle(element);
  const color = (name: string): string => css.getPropertyValue(name).trim();
  const [text, grid, warning] = [color('--muted'), color('--line'), color('--warn')];
  const { lines, marks } = latest();
  const isAlone = lines.length === 1;
  const series = lines.flatMap((_, index): uPlot.Series[] => {
    const stroke = color(`--chart-${index % 6}`);
    const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } };
    return [
      { stroke, width: 1.6, points: { show: false }, ...(isAlone ? { fill: translucent(stroke, 0.08) } : {}) },
      edge,
      edge,
    ];
  });
  const bands = lines.map((_, index): uPlot.Band => ({
    series: [index * 3 + 2, index * 3 + 3],
    fill: translucent(color(`--chart-${index % 6}`), isAlone ? 0.22 : 0.12),
  }));
  const axis: uPlot.Axis = {
    stroke: text,
    font: AXIS_FONT,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    border: { show: false },
  };
  return new uPlot(
    {
      width: Math.max(1, element.clientWidth),
      height: Math.max(1, element.clientHeight),
      ms: 1,
      padding: [8, 22, 0, 0],
      legend: { show: false },
      scales: { x: { time: true }, y: { range: (_, low, high) => rangeOf(latest(), low, high) } },
      series: [{}, ...series],
      bands,
      axes: [
        {
          ...axis,
          size: AXIS_HEIGHT,
          space: MARKS_APART_PIXELS,
          values: (_, marks, __, ___, step) => axisTexts(marks, step),
        },
        {
          ...axis,
          size: (plot, values) => widthOf(plot, values),
          ...(marks ? { incrs: [...marks] } : {}),
          values: (_, marks) => marks.map((mark) => latest().text(mark)),
        },
      ],
      cursor: {
        y: false,
        sync: { key: CURSORS, setSeries: false },
        drag: { x: true, y: false, setScale: false, dist: DRAG_PIXELS_MIN },
        points: { size: 7 },
      },
      hooks: {
        setCursor: [(plot) => onMove(plot.cursor.idx ?? null)],
        setSelect: [(plot) => zoom(plot, latest())],
        drawAxes: [(plot) => drawGood(plot, latest(), warning)],
      },
    },
    [[], ...lines.flatMap(() => [[], [], []])] as unknown as uPlot.AlignedData,
    element,
  );
}

/** The values with some room, and what the axis has to show in any case. */
function rangeOf({ axis }: TimeChartProps, low: number | null, high: number | null): [number, number] {
  const min = Math.min(low ?? 0, axis?.min ?? Infinity);
  const max = Math.max(high ?? min + 1, axis?.max ?? -Infinity);
  const room = max === min ? Math.max(Math.abs(max) * ROOM, 0.5) : (max - min) * ROOM;
  const isAtEdge = (value: number, edge: number | undefined): boolean => edge !== undefined && value === edge;
  return [isAtEdge(min, axis?.min) ? min : min - room, isAtEdge(max, axis?.max) ? max : max + room];
}

/** So that the longest number fits beside the axis. */
function widthOf(plot: uPlot, values: string[] | null): number {
  plot.ctx.font = AXIS_FONT;
  const widths = (values ?? []).map((value) => plot.ctx.measureText(value ?? '').width);
  return Math.ceil(Math.max(24, ...widths)) + 14;
}

function zoom(plot: uPlot, { onZoom }: TimeChartProps): void {
  const { left, width } = plot.select;
  if (width < DRAG_PIXELS_MIN) return;
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onZoom(Math.round(from), Math.round(to));
}

/** A dashed line where values stop being good. */
function drawGood(plot: uPlot, { good }: TimeChartProps, color: string): void {
  const { ctx, bbox } = plot;
  for (const value of [good?.min, good?.max]) {
    const { min, max } = plot.scales.y!;
    if (value === undefined || min === undefined || max === undefined || value <= min || value >= max) continue;
    const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = color;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
}

/** @param color as #rrggbb */
function translucent(color: string, opacity: number): string {
  return `${color}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
