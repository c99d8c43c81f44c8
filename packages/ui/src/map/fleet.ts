/** The counts that the map's cards show: pushed by the live channel, asked for until the first push. */
import { useQuery } from '@tanstack/react-query';
import { fleetQuery, summaryQuery } from '../api.ts';

export interface FleetCounts {
  readonly devices: number;
  readonly connected: number;
  readonly pending: number;
  readonly ok: number;
  readonly warning: number;
  readonly critical: number;
  readonly offline: number;
  readonly unknown: number;
  /** Changes of health in the last second; 0 until the channel tells. */
  readonly changesPerSecond: number;
}

export function useFleet(): FleetCounts | undefined {
  const { data: summary } = useQuery(summaryQuery);
  const { data: fleet } = useQuery(fleetQuery);
  if (summary) return summary;
  if (!fleet) return undefined;
  const { devices, connected, pending, health } = fleet;
  return { devices, connected, pending, ...health, changesPerSecond: 0 };
}

/** Houses that somebody should look at. */
export function needAttention({ warning, critical, offline }: FleetCounts): number {
  return warning + critical + offline;
}

/** Houses that have been connected at least once: the others are neither well nor ill. */
export function everConnected(fleet: FleetCounts): number {
  return fleet.ok + needAttention(fleet);
}
