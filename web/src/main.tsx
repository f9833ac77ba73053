import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './ui/tokens.css';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from './queries/client';
import { reportCaught } from './reportCaught';
import { newRouter } from './router';
import { theme } from './ui/theme';

/** The browser's turn: it paints, and takes a press or a key. */
const breath = () => new Promise((done) => setTimeout(done));

await breath();
const queryClient = newQueryClient();
const router = newRouter(queryClient);
const root = document.getElementById('root');

if (root) {
  await breath();
  const app = createRoot(root, { onCaughtError: reportCaught });
  // In slices, so that the first drawing leaves room for a press or a key.
  startTransition(() => {
    app.render(
      <StrictMode>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </MantineProvider>
      </StrictMode>,
    );
  });
}
