import { setAuthSetStatus, type DeviceDetail } from '@lovely/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { deviceQuery, keys, request } from '../api.ts';
import { toast, toastError } from '../parts/toast.ts';

export interface KeyDecision {
  readonly authSetId: string;
  readonly status: 'accepted' | 'rejected';
}

/** Accepts or rejects a key of a device, and says so. */
export function useKeyDecision(deviceId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ authSetId, status }: KeyDecision): Promise<DeviceDetail> =>
      request(setAuthSetStatus, { params: { id: deviceId, authSetId }, body: { status } }),
    onSuccess: async (device, { status }) => {
      queryClient.setQueryData(deviceQuery(deviceId).queryKey, (before) => before && { ...before, ...device });
      await queryClient.invalidateQueries({ queryKey: keys.devices });
      await toast(`${device.name} is ${status}.`);
    },
    onError: (error) => toastError('The key could not be changed', error),
  });
}
