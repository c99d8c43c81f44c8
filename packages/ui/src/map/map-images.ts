/** The pictures on the map, drawn when the style first asks for them. A picture's name says everything about it. */
import type { Health } from '@lovely/api';
import { PALETTES, type Palette, type ThemeName } from './palette.ts';

/** Twice as many pixels as it is wide: sharp on a dense screen, small enough on any. */
export const IMAGE_PIXEL_RATIO = 2;

/** A ring of so many parts. */
const DONUT_PARTS = 24;
const DONUT_RADII = [15, 18, 22, 27] as const;
const DONUT_TEXT_SIZES = [9.5, 10.5, 11.5, 13] as const;
const DONUT_MARGIN = 3;
const GLYPH_SIZE = 22;

export type DonutSize = 0 | 1 | 2 | 3;

export interface Shares {
  readonly n: number;
  readonly w: number;
  readonly b: number;
}

/** The name of a ring that shows which part of `n` houses is down, and which has a warning. */
export function donutImage(theme: ThemeName, size: DonutSize, { n, w, b }: Shares): string {
  const bad = parts(b, n, DONUT_PARTS);
  const warning = Math.min(parts(w, n, DONUT_PARTS), DONUT_PARTS - bad);
  return `donut/${theme}/${size}/${bad}/${warning}`;
}

export function donutTextSize(size: DonutSize): number {
  return DONUT_TEXT_SIZES[size];
}

export function glyphImage(theme: ThemeName, state: Health): string {
  return `glyph/${theme}/${state}`;
}

/** Draws the picture of this name; undefined when there is no such picture. */
export function drawImage(name: string): ImageData | undefined {
  const [kind, theme, ...rest] = name.split('/');
  if (theme !== 'dark' && theme !== 'light') return undefined;
  const palette = PALETTES[theme];
  if (kind === 'glyph') return drawGlyph(palette, rest[0] as Health);
  if (kind !== 'donut') return undefined;
  const [size = 0, bad = 0, warning = 0] = rest.map(Number);
  return drawDonut(palette, size as DonutSize, bad, warning);
}

/** How many of `all` parts stand for a share: never none of some, never all of not all. */
function parts(some: number, whole: number, all: number): number {
  if (some <= 0) return 0;
  if (some >= whole) return all;
  return Math.max(1, Math.min(all - 1, Math.round((some / whole) * all)));
}

function drawDonut(palette: Palette, size: DonutSize, bad: number, warning: number): ImageData {
  const radius = DONUT_RADII[size];
  const context = canvas((radius + DONUT_MARGIN) * 2);
  context.translate(radius + DONUT_MARGIN, radius + DONUT_MARGIN);
  context.shadowColor = 'rgba(0, 0, 0, 0.35)';
  context.shadowBlur = 4;
  context.fillStyle = palette.donut;
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  context.fill();
  context.shadowBlur = 0;
  const width = size > 1 ? 4.5 : 3.8;
  context.lineWidth = width;
  const segments = [
    { colour: palette.bad, parts: bad },
    { colour: palette.warning, parts: warning },
    { colour: palette.ok, parts: DONUT_PARTS - bad - warning },
  ].filter((segment) => segment.parts > 0);
  const gap = segments.length > 1 ? 0.09 : 0;
  let angle = -Math.PI / 2;
  for (const segment of segments) {
    const end = angle + (segment.parts / DONUT_PARTS) * 2 * Math.PI;
    context.strokeStyle = segment.colour;
    context.beginPath();
    context.arc(0, 0, radius - width / 2, angle + gap / 2, end - gap / 2);
    context.stroke();
    angle = end;
  }
  return imageOf(context);
}

function drawGlyph(palette: Palette, state: Health): ImageData {
  const context = canvas(GLYPH_SIZE);
  context.fillStyle = state === 'offline' ? palette.bad : palette.glyph;
  context.strokeStyle = context.fillStyle;
  context.lineCap = 'round';
  switch (state) {
    case 'ok':
    case 'offline':
      house(context);
      break;
    case 'warning':
      house(context);
      cutOut(context, () => exclamation(context, 8.6, 2));
      break;
    case 'critical':
      exclamation(context, 4, 3.2);
      break;
    case 'unknown':
      context.font = `700 17px 'Inter Variable', sans-serif`;
      context.textAlign = 'center';
      context.fillText('?', GLYPH_SIZE / 2, 17);
      break;
  }
  return imageOf(context);
}

function house(context: OffscreenCanvasRenderingContext2D): void {
  const outline = [
    [11, 2.5],
    [19.5, 10],
    [17.2, 10],
    [17.2, 18.5],
    [4.8, 18.5],
    [4.8, 10],
    [2.5, 10],
  ] as const;
  context.beginPath();
  for (const [x, y] of outline) context.lineTo(x, y);
  context.closePath();
  context.fill();
  cutOut(context, () => context.fillRect(9.4, 13, 3.2, 5.5));
}

function exclamation(context: OffscreenCanvasRenderingContext2D, top: number, width: number): void {
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(GLYPH_SIZE / 2, top);
  context.lineTo(GLYPH_SIZE / 2, 12.5);
  context.stroke();
  context.beginPath();
  context.arc(GLYPH_SIZE / 2, 17, width * 0.56, 0, 2 * Math.PI);
  context.fill();
}

function cutOut(context: OffscreenCanvasRenderingContext2D, draw: () => void): void {
  context.globalCompositeOperation = 'destination-out';
  draw();
  context.globalCompositeOperation = 'source-over';
}

function canvas(size: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(size * IMAGE_PIXEL_RATIO, size * IMAGE_PIXEL_RATIO).getContext('2d');
  if (!context) throw new Error('this browser gives no canvas to draw on');
  context.scale(IMAGE_PIXEL_RATIO, IMAGE_PIXEL_RATIO);
  return context;
}

function imageOf(context: OffscreenCanvasRenderingContext2D): ImageData {
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
}
