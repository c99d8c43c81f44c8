import { listSensorModels, listSensors } from '@lovely/api';
import { queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';

/** The sensors of a house with their last values. */
export function sensorsQuery(deviceId: string) {
  return queryOptions({
    queryKey: keys.deviceSensors(deviceId),
    queryFn: ({ signal }) => request(listSensors, { params: { id: deviceId } }, signal),
  });
}

/** What kinds and models of sensors there are. */
export const sensorModelsQuery = queryOptions({
  queryKey: ['sensor-models'],
  queryFn: ({ signal }) => request(listSensorModels, {}, signal),
});
