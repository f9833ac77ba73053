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

export const theme = createTheme({
  colors: { moss },
  primaryColor: 'moss',
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  headings: {
    fontWeight: '620',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.05rem' }, h3: { fontSize: '0.95rem' } },
  },
});
