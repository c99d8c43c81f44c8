import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { createQueryClient, keys } from './api.ts';
import { createAppRouter } from './router.tsx';
import { theme, variablesResolver } from './theme/theme.ts';

const queryClient = createQueryClient(() => {
  // Nobody was signed in yet: the page that asked deals with it.
  if (queryClient.getQueryData(keys.me) === undefined) return;
  queryClient.clear();
  void router.invalidate();
});
const router = createAppRouter(queryClient);

/** Not needed for the first picture, so not in the first load. */
const Toasts = lazy(async () => ({ default: (await import('./parts/Toasts.tsx')).Toasts }));

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variablesResolver} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
      <Suspense>
        <Toasts />
      </Suspense>
    </MantineProvider>
  );
}
