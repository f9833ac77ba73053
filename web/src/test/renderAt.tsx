// The whole UI at an address, as main.tsx puts it together.

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import { newQueryClient } from '@/queries/client';
import { reportCaught } from '@/reportCaught';
import { newRouter } from '@/router';
import { theme } from '@/ui/theme';

export function renderAt(path: string) {
  const queryClient = newQueryClient();
  const router = newRouter(queryClient, createMemoryHistory({ initialEntries: [path] }));
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
    { onCaughtError: reportCaught },
  );
  return router;
}
