import { getDeviceHistory } from '@lovely/api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';
import { HISTORY_REFRESH_MS } from '../limits.ts';
import { RANGES, type ChartRange } from './charts-search.ts';

/** All metrics of one source; a range that ends now is asked for again now and then, live values come in between. */
export function historyQuery(deviceId: string, source: string, range: ChartRange) {
  return queryOptions({
    queryKey: [...keys.device(deviceId), 'history', source, range],
    queryFn: ({ signal }) => {
      const toMs = range.kind === 'own' ? range.toMs : Date.now();
      const fromMs = range.kind === 'own' ? range.fromMs : toMs - RANGES[range.name].ms;
      const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
      return request(getDeviceHistory, { params: { id: deviceId }, query: { source, from, to } }, signal);
    },
    placeholderData: keepPreviousData,
    ...(range.kind === 'last' ? { refetchInterval: HISTORY_REFRESH_MS } : { staleTime: Infinity }),
  });
}
