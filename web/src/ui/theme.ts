// The look: the tree's green, quiet greys, fonts that come with the server.

import { createTheme, type MantineColorsTuple } from '@mantine/core';

const moss: MantineColorsTuple = [
  '#ebf8f1',
  '#d3eee0',
  '#a7dcc2',
  '#77c9a1',
  '#50b986',
  '#37ae74',
  '#27a169',
  '#1a8757',
  '#17694a',
  '#0b4d35',
];

/** The same greys as in tokens.css, where Mantine's own parts take theirs from. */
const dark: MantineColorsTuple = [
  '#e4e9e6',
  '#c3cac7',
  '#a0aaa5',
  '#8b948f',
  '#3a423f',
  '#2c3230',
  '#202523',
  '#1a1e1c',
  '#131615',
  '#0d100f',
];

export const theme = createTheme({
  colors: { moss, dark },
  primaryColor: 'moss',
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  components: {
    Modal: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      styles: { title: { fontWeight: 620 } },
    },
  },
  headings: {
    fontWeight: '620',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.05rem' }, h3: { fontSize: '0.95rem' } },
  },
});
