import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
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

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variablesResolver} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
      <Notifications position="bottom-center" limit={3} />
    </MantineProvider>
  );
}
