/** One thing done to some alerts, to all of a rule, or to an incident, with the way back. */
import { changeAlerts, changeIncident, type AlertAction, type AlertsChanged, type AlertState } from '@lovely/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { keys, request } from '../api.ts';
import { plural } from '../format/number.ts';
import { toast, toastError } from '../parts/toast.ts';
import { toastWithUndo } from '../parts/undo-toast.tsx';

export type Which =
  | { readonly kind: 'alerts'; readonly ids: readonly string[] }
  | { readonly kind: 'rule'; readonly rule: string; readonly state: AlertState | 'active' }
  | { readonly kind: 'incident'; readonly id: string };

/** So many alerts are named in one request. */
const UNDO_PART = 200;

const DONE: Readonly<Record<AlertAction['kind'], string>> = {
  acknowledge: 'acknowledged',
  unacknowledge: 'not acknowledged any more',
  assign: 'assigned',
  snooze: 'snoozed',
  unsnooze: 'back from the snooze',
  resolve: 'resolved',
  reopen: 'open again',
  comment: 'commented',
};
const OPPOSITE: Partial<Record<AlertAction['kind'], AlertAction>> = {
  acknowledge: { kind: 'unacknowledge' },
  snooze: { kind: 'unsnooze' },
  resolve: { kind: 'reopen' },
};

/** Does it, says so, and offers to undo what can be. */
export function useAct() {
  const queryClient = useQueryClient();
  const refresh = (): Promise<unknown> =>
    Promise.all(
      [keys.alerts, keys.incidents, keys.devices, keys.fleet, ['device']].map((queryKey) =>
        queryClient.invalidateQueries({ queryKey }),
      ),
    );
  return useMutation({
    mutationFn: async ({ which, action }: { which: readonly Which[]; action: AlertAction }) => {
      const changed: string[] = [];
      for (const each of which) changed.push(...(await changeAll(each, action)));
      return changed;
    },
    onSuccess: async (changed, { action }) => {
      await refresh();
      const message = `${plural(changed.length, 'alert')} ${DONE[action.kind]}.`;
      const opposite = OPPOSITE[action.kind];
      if (opposite === undefined || changed.length === 0) return toast(message);
      return toastWithUndo(message, async () => {
        for (let from = 0; from < changed.length; from += UNDO_PART)
          await request(changeAlerts, {
            body: { which: { alertIds: changed.slice(from, from + UNDO_PART) }, action: opposite },
          });
        await refresh();
      });
    },
    onError: (error) => toastError('Not done', error),
  });
}

/** One request changes so many at most; it is sent until there are none left. */
async function changeAll(which: Which, action: AlertAction): Promise<string[]> {
  const changed: string[] = [];
  let answer: AlertsChanged;
  do {
    answer = await change(which, action);
    changed.push(...answer.alertIds);
  } while (answer.more && answer.alertIds.length > 0);
  return changed;
}

function change(which: Which, action: AlertAction): Promise<AlertsChanged> {
  switch (which.kind) {
    case 'alerts':
      return request(changeAlerts, { body: { which: { alertIds: [...which.ids] }, action } });
    case 'rule':
      return request(changeAlerts, { body: { which: { rule: which.rule, state: which.state }, action } });
    case 'incident':
      return request(changeIncident, { params: { id: which.id }, body: { action } });
  }
}
