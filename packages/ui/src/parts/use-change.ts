import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { toast } from './toast.ts';

/**
 * A change on the server: after it, what is shown of `outdated` is asked for again, and `done` says so briefly. Who calls
 * `mutate` shows `error`.
 */
export function useChange<Input, Result>(
  run: (input: Input) => Promise<Result>,
  { outdated, done }: { outdated: readonly QueryKey[]; done?: string | ((result: Result, input: Input) => string) },
) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (result: Result, input: Input) => {
      await Promise.all(outdated.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      if (done !== undefined) await toast(typeof done === 'string' ? done : done(result, input));
    },
  });
}
