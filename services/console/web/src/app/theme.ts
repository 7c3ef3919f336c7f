import { createTheme, rem, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const brand: MantineColorsTuple = ['#eef5fa', '#dceaf4', '#b6d3e8', '#8cbadb', '#69a5d0', '#5298ca', '#4591c7', '#2f76a8', '#22648f', '#175377'];

// Mantine's own dark is neutral; ours leans to the same blue as the bands and lines below.
const dark: MantineColorsTuple = ['#d7dde4', '#bac3cd', '#a3adb8', '#76828f', '#3d4752', '#2b323b', '#20262e', '#191e25', '#14181d', '#0f1216'];

/** Dense and calm: small type, small controls, one accent. `close`: what the cross of a dialog is called. */
export const themeOf = (close: string) => createTheme({
  colors: { brand, dark },
  primaryColor: 'brand',
  primaryShade: { light: 8, dark: 7 },
  fontFamily: '-apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
  fontSizes: { xs: rem(11.5), sm: rem(13), md: rem(14), lg: rem(16), xl: rem(18) },
  headings: { sizes: { h1: { fontSize: rem(22) }, h2: { fontSize: rem(18) }, h3: { fontSize: rem(16) }, h4: { fontSize: rem(14) } }, fontWeight: '650' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  components: Object.fromEntries(
    [
      ...['Button', 'TextInput', 'PasswordInput', 'NumberInput', 'Select', 'MultiSelect', 'Textarea', 'NativeSelect', 'TagsInput', 'Autocomplete', 'FileInput', 'DateInput', 'DatePickerInput', 'DateTimePicker', 'SegmentedControl', 'Checkbox', 'Switch', 'Radio', 'Tabs', 'Chip', 'Table', 'Pill'].map((name) => [name, { size: 'xs' }] as const),
      ['Text', { size: 'sm' }] as const,
      ['Tooltip', { openDelay: 300, withArrow: true }] as const,
      ['ActionIcon', { variant: 'subtle', color: 'gray' }] as const,
      ['Modal', { centered: true, size: 'md', closeButtonProps: { 'aria-label': close } }] as const,
      ['Drawer', { closeButtonProps: { 'aria-label': close } }] as const,
      ['Paper', { withBorder: true, p: 'sm' }] as const,
      ['Card', { withBorder: true, padding: 'sm' }] as const,
      // What scrolls sideways can be scrolled with the keyboard.
      ['TableScrollContainer', { scrollAreaProps: { viewportProps: { tabIndex: 0 } } }] as const,
    ].map(([name, defaultProps]) => [name, { defaultProps }]),
  ),
});

/** Mantine's own grey for lesser text is too light to be read by everybody (WCAG 1.4.3). */
export const variables: CSSVariablesResolver = () => ({
  variables: { '--f-header': rem(46), '--f-navbar': rem(196) },
  light: { '--mantine-color-dimmed': '#566069', '--mantine-color-body': '#ffffff', '--mantine-color-placeholder': '#667079', '--mantine-color-error': '#b3261e', '--f-band': '#f6f8fa', '--f-line': '#e1e6eb', '--f-hover': '#f1f5f9', '--f-cursor': '#e3effa', '--f-chosen': '#eef6ff' },
  dark: { '--mantine-color-dimmed': '#a3adb8', '--mantine-color-body': '#14181d', '--mantine-color-placeholder': '#98a2ad', '--mantine-color-error': '#ff8a80', '--f-band': '#1a1f26', '--f-line': '#2b323b', '--f-hover': '#1e242c', '--f-cursor': '#1f3345', '--f-chosen': '#1a2a38' },
});
