/** The colours of the map. The canvas can't read CSS variables, so those it shares with the pages are said again. */
export type ThemeName = 'dark' | 'light';

export interface Palette {
  readonly name: ThemeName;
  readonly water: string;
  /** Neighbouring countries alternate between two tones that are hardly apart. */
  readonly land: readonly [string, string];
  readonly coast: string;
  readonly coastGlow: string;
  readonly border: string;
  readonly state: string;
  readonly lake: string;
  readonly river: string;
  readonly label: string;
  readonly labelStrong: string;
  readonly seaLabel: string;
  readonly labelHalo: string;
  readonly ok: string;
  readonly warning: string;
  readonly hot: string;
  readonly bad: string;
  readonly unknown: string;
  /** Around a house, so that neighbours stay apart; inside of an offline one. */
  readonly edge: string;
  readonly glyph: string;
  readonly selection: string;
  readonly donut: string;
  readonly donutText: string;
  readonly dotOpacity: number;
  readonly glowOpacity: number;
}

export const PALETTES: Record<ThemeName, Palette> = {
  dark: {
    name: 'dark',
    water: '#0a1019',
    land: ['#161f2b', '#19232f'],
    coast: '#2d3d4f',
    coastGlow: '#1d3147',
    border: '#314153',
    state: '#243140',
    lake: '#0c131d',
    river: '#111b27',
    label: '#8fa0b3',
    labelStrong: '#c4d0dd',
    seaLabel: '#3d536d',
    labelHalo: '#0d141ccc',
    ok: '#34d98a',
    warning: '#f0c648',
    hot: '#ff9142',
    bad: '#ff5c5f',
    unknown: '#8694a5',
    edge: '#0a1019',
    glyph: '#08130d',
    selection: '#ffffff',
    donut: '#0f1822f2',
    donutText: '#ffffff',
    dotOpacity: 0.95,
    glowOpacity: 0.34,
  },
  light: {
    name: 'light',
    water: '#d9e5ef',
    land: ['#f7f8f6', '#f2f4f1'],
    coast: '#b3c6d5',
    coastGlow: '#ffffff',
    border: '#c3cad1',
    state: '#dde2e6',
    lake: '#d4e2ed',
    river: '#cddeeb',
    label: '#6f7b87',
    labelStrong: '#36414c',
    seaLabel: '#8aa7be',
    labelHalo: '#ffffffdd',
    ok: '#0fa35e',
    warning: '#d9a400',
    hot: '#ef7a1a',
    bad: '#dc2f33',
    unknown: '#7a8694',
    edge: '#ffffff',
    glyph: '#ffffff',
    selection: '#0f1720',
    donut: '#fffffff5',
    donutText: '#14202b',
    dotOpacity: 0.88,
    glowOpacity: 0.2,
  },
};
