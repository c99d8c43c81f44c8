/** Mantine dressed in our variables: the components follow variables.css in both themes. */
import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

const violet: MantineColorsTuple = [
  '#efeeff',
  '#dcdaff',
  '#c4c0ff',
  '#a8a2ff',
  '#8b85ff',
  '#6c63f3',
  '#4f46e5',
  '#4338ca',
  '#3730a3',
  '#2b267f',
];

/** Mantine's ten dark tones, from text down to the ground. */
const dark: MantineColorsTuple = [
  '#e8eef5',
  '#c3cedb',
  '#8f9cac',
  '#5b6877',
  '#2a3645',
  '#212c3a',
  '#17202c',
  '#121a24',
  '#0e151e',
  '#0a0f16',
];

/** Dark text on the light violet of the dark theme, white on the deep one of the light theme. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  const isPrimary = input.color === undefined || input.color === input.theme.primaryColor;
  return input.variant === 'filled' && isPrimary ? { ...colors, color: 'var(--on-accent)' } : colors;
};

export const theme = createTheme({
  primaryColor: 'violet',
  primaryShade: { light: 6, dark: 4 },
  colors: { violet, dark },
  variantColorResolver,
  fontSizes: { xs: '12px', sm: '13.5px', md: '14.5px' },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'var(--font-mono)',
  headings: { fontWeight: '620' },
  defaultRadius: 'var(--radius-control)',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 400, events: { hover: true, focus: true, touch: false } } },
    Checkbox: { defaultProps: { iconColor: 'var(--on-accent)' } },
    Menu: { defaultProps: { shadow: 'md', radius: 12, withinPortal: true } },
    Modal: {
      defaultProps: {
        radius: 16,
        centered: true,
        overlayProps: { backgroundOpacity: 0.5, blur: 3 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
  },
});

export const variablesResolver: CSSVariablesResolver = () => {
  const variables = {
    '--mantine-color-body': 'var(--card-solid)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--muted)',
    '--mantine-color-placeholder': 'var(--muted)',
    '--mantine-color-default': 'var(--raised)',
    '--mantine-color-default-hover': 'color-mix(in srgb, var(--text) 10%, var(--raised))',
    '--mantine-color-default-color': 'var(--text)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-error': 'var(--bad-text)',
    '--mantine-color-violet-light': 'color-mix(in srgb, var(--accent) 14%, transparent)',
    '--mantine-color-violet-light-hover': 'color-mix(in srgb, var(--accent) 22%, transparent)',
    '--mantine-color-violet-light-color': 'var(--accent-text)',
    '--mantine-color-anchor': 'var(--accent-text)',
  };
  return { variables: {}, light: variables, dark: variables };
};
