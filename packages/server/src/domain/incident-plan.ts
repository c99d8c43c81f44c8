/**
 * Which of the alerts of one rule are one incident: those of houses near each other, of houses with something in common
 * that few others have, or of a good part of the whole fleet (docs/alerts.md).
 */
import type { IncidentTrait } from '@lovely/api';
import {
  INCIDENT_AREA_LIFT_MIN,
  INCIDENT_AREA_SHARE_MIN,
  INCIDENT_FLEET_SHARE_MIN,
  INCIDENT_HOUSES_MIN,
  INCIDENT_TRAIT_LIFT_MIN,
  INCIDENT_TRAIT_SHARE_MIN,
} from '../limits.ts';

/** A square of the map, a tenth of a degree wide (column devices.cell). */
export interface Square {
  readonly cell: number;
  /** Houses in it with an alert that belongs to no incident yet, and accepted houses at all. */
  readonly houses: number;
  readonly housesInFleet: number;
}

/** Houses with something in common; `fleetShare` is how common it is in the whole fleet. */
export interface TraitCount extends Pick<IncidentTrait, 'attribute' | 'value' | 'fleetShare'> {
  readonly houses: number;
}

export interface Loose {
  /** Houses with an alert of the rule that belongs to no incident yet, those without a place on the map too. */
  readonly houses: number;
  readonly squares: readonly Square[];
  readonly traits: readonly TraitCount[];
  readonly housesInFleet: number;
  /** Houses of incidents of the same rule that began a short time ago in single places. */
  readonly housesInPlaces: number;
  /** Of the largest of these, and how many there are. */
  readonly housesInLargestPlace: number;
  readonly places: number;
}

export type IncidentGroup =
  | { readonly kind: 'place'; readonly cells: readonly number[] }
  | { readonly kind: 'trait'; readonly trait: Pick<IncidentTrait, 'attribute' | 'value'> }
  | { readonly kind: 'fleet' };

/** Places that are struck one after the other are one incident of the fleet from so many on. */
const PLACES_OF_FLEET_MIN = 5;
/** A group of squares with this share of the houses makes it an incident of that place, whatever else they share. */
const PLACE_SHARE_MIN = 0.5;
const SQUARES_PER_ROW = 3600;

/** The groups that are to become incidents; what is left stays by itself. */
export function planIncidents(loose: Loose): IncidentGroup[] {
  if (loose.houses < INCIDENT_HOUSES_MIN) return [];
  const areas = connectedAreas(loose.squares);
  const largest = Math.max(0, ...areas.map((area) => area.houses));
  if (largest < loose.houses * PLACE_SHARE_MIN || largest < INCIDENT_HOUSES_MIN) {
    const trait = mostTelling(loose);
    if (trait) return [{ kind: 'trait', trait: { attribute: trait.attribute, value: trait.value } }];
    // One town that is struck, however large, is not the fleet.
    const struck = loose.houses + loose.housesInPlaces - Math.max(largest, loose.housesInLargestPlace);
    const isAnywhere = areas.length + loose.places >= PLACES_OF_FLEET_MIN || loose.squares.length === 0;
    if (struck >= loose.housesInFleet * INCIDENT_FLEET_SHARE_MIN && isAnywhere) return [{ kind: 'fleet' }];
  }
  return areas.filter((area) => isStruck(area, loose)).map(({ cells }) => ({ kind: 'place', cells }));
}

/** Enough houses, and more of those that are there than of those anywhere else. */
function isStruck(area: Area, { houses, housesInFleet }: Loose): boolean {
  const share = area.houses / Math.max(1, area.housesInFleet);
  const shareElsewhere = (houses - area.houses) / Math.max(1, housesInFleet - area.housesInFleet);
  return (
    area.houses >= INCIDENT_HOUSES_MIN &&
    share >= INCIDENT_AREA_SHARE_MIN &&
    share >= shareElsewhere * INCIDENT_AREA_LIFT_MIN
  );
}

/** What most of the houses have in common and few others: the one that is rarest in the fleet. */
function mostTelling({ houses, traits }: Loose): TraitCount | undefined {
  return traits
    .filter(
      (trait) =>
        trait.houses >= INCIDENT_HOUSES_MIN &&
        trait.houses >= houses * INCIDENT_TRAIT_SHARE_MIN &&
        trait.houses / houses >= trait.fleetShare * INCIDENT_TRAIT_LIFT_MIN,
    )
    .sort((a, b) => a.fleetShare - b.fleetShare || b.houses - a.houses)[0];
}

interface Area {
  readonly cells: readonly number[];
  readonly houses: number;
  readonly housesInFleet: number;
}

/** Squares that touch each other, corners included, are one area. */
function connectedAreas(squares: readonly Square[]): Area[] {
  const waiting = new Map(squares.map((square) => [square.cell, square]));
  const areas: Area[] = [];
  for (const first of squares) {
    if (!waiting.delete(first.cell)) continue;
    const area = [first];
    for (const { cell } of area)
      for (const neighbour of neighboursOf(cell)) {
        const square = waiting.get(neighbour);
        if (square && waiting.delete(neighbour)) area.push(square);
      }
    areas.push({
      cells: area.map(({ cell }) => cell),
      houses: sum(area.map(({ houses }) => houses)),
      housesInFleet: sum(area.map(({ housesInFleet }) => housesInFleet)),
    });
  }
  return areas;
}

function neighboursOf(cell: number): number[] {
  const [row, column] = [Math.floor(cell / SQUARES_PER_ROW), cell % SQUARES_PER_ROW];
  return [-1, 0, 1].flatMap((up) =>
    [-1, 0, 1].map((east) => (row + up) * SQUARES_PER_ROW + ((column + east + SQUARES_PER_ROW) % SQUARES_PER_ROW)),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
