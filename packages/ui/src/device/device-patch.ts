import { updateDevice, type DevicePatch } from '@lovely/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { deviceQuery, keys, request } from '../api.ts';

/** Changes a device: shown at once, and taken back when the server refuses. */
export function useDevicePatch(id: string) {
  const queryClient = useQueryClient();
  const { queryKey } = deviceQuery(id);
  return useMutation({
    mutationFn: (patch: DevicePatch) => request(updateDevice, { params: { id }, body: patch }),
    onMutate: async (patch) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      if (before) queryClient.setQueryData(queryKey, { ...before, ...given });
      return { before };
    },
    onError: (_error, _patch, context) => queryClient.setQueryData(queryKey, context?.before),
    onSettled: () =>
      Promise.all(
        [keys.device(id), keys.devices, keys.fleet, keys.map].map((key) =>
          queryClient.invalidateQueries({ queryKey: key }),
        ),
      ),
  });
}
