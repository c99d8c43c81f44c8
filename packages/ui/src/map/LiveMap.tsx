/** The map with its cards. The address holds where it looks, how, and which house is selected. */
import { useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { deviceQuery } from '../api.ts';
import { useStaleSince } from '../live/context.ts';
import { useMay } from '../may.ts';
import { paths } from '../paths.ts';
import { EmptyFleet } from './EmptyFleet.tsx';
import type { FleetMap, Pick } from './fleet-map.ts';
import { hasLargeMarks, markRadiusMin } from './fleet-layers.ts';
import { useFleet } from './fleet.ts';
import { Hero } from './Hero.tsx';
import { HousePanel } from './HousePanel.tsx';
import { HousesInView } from './HousesInView.tsx';
import { Legend } from './Legend.tsx';
import styles from './LiveMap.module.css';
import { MapCanvas } from './MapCanvas.tsx';
import { MapControls } from './MapControls.tsx';
import { MapFind } from './MapFind.tsx';
import type { MapSearch } from './map-search.ts';
import { ModeSwitch } from './ModeSwitch.tsx';
import { NeedsAttention } from './NeedsAttention.tsx';
import { NoRole } from './NoRole.tsx';
import { PALETTES } from './palette.ts';
import { SpotList } from './SpotList.tsx';
import { useDonuts } from './use-donuts.ts';
import { formatView, isSameView, parseView, type MapView } from './view.ts';
import { boxOf, type Bounds } from './visible-tiles.ts';

const route = getRouteApi('/app/');

/** The cards that may cover a selected house. */
const PANEL_PIXELS = { right: 400, bottom: 0 };
const sheetPixels = () => ({ right: 0, bottom: Math.round(window.innerHeight * 0.58) });
/** A house is looked at from here, so that its neighbours are seen too. */
const HOUSE_ZOOM = 14;
/** From about here on most marks are single houses. */
const SINGLES_ZOOM = 8;
const TOWN_ZOOM = 9.5;

export function LiveMap() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (part: Partial<MapSearch>, { replace = true } = {}): void =>
    void navigate({ to: paths.map().to, search: (before) => ({ ...before, ...part }), replace });
  const theme = useComputedColorScheme('dark');
  const fleet = useFleet();
  const isStale = useStaleSince() !== undefined;
  const isPhone = useMediaQuery('(max-width: 767px)') ?? false;
  const mode = search.mode ?? 'lights';
  const palette = PALETTES[theme];
  const radiusMin = markRadiusMin(fleet ? fleet.devices : Infinity);

  const [map, setMap] = useState<FleetMap | null>(null);
  const [seen, setSeen] = useState<{ readonly view: MapView; readonly bounds: Bounds }>();
  const [spot, setSpot] = useState<Extract<Pick, { kind: 'spot' }>>();
  const isAllowed = useMay()('fleet.read');
  const isEmpty = !isAllowed || fleet?.devices === 0;

  const inView = useDonuts(map, seen, mode, theme, fleet);
  useSelection(map, search.house, isPhone);
  useAddressedView(map, search.at);

  const select = (house: string | undefined): void => {
    setSpot(undefined);
    if (house !== search.house) change({ house }, { replace: search.house !== undefined });
  };

  return (
    <div
      className={styles.page}
      data-stale={isStale || undefined}
      data-empty={isEmpty || undefined}
      data-house={search.house}
    >
      <MapCanvas
        look={{ palette, mode, radiusMin }}
        view={parseView(search.at)}
        houses={inView}
        onMap={setMap}
        onView={(view, bounds) => {
          setSeen({ view, bounds });
          setSpot(undefined);
          change({ at: formatView(view) });
        }}
        onPick={(pick) => {
          if (pick.kind === 'house') select(pick.id);
          else if (pick.kind === 'spot') setSpot(pick);
          else select(undefined);
        }}
      />
      <div className={styles.cards}>
        {fleet && !isEmpty && <Hero fleet={fleet} />}
        <MapFind
          onTown={(town) => map?.flyTo(town, TOWN_ZOOM)}
          onHouse={(device) => {
            if (device.location === null) return void navigate(paths.device(device.id));
            map?.flyTo(device.location, HOUSE_ZOOM);
            select(device.id);
          }}
        />
        <ModeSwitch
          mode={mode}
          onMode={(next) => change({ mode: next === 'lights' ? undefined : next })}
          isListOpen={search.list === true}
          onList={(isOpen) => change({ list: isOpen || undefined })}
        />
        <div className={styles.side}>
          {search.house !== undefined ? (
            <HousePanel key={search.house} id={search.house} onClose={() => select(undefined)} />
          ) : (
            fleet && !isEmpty && <NeedsAttention fleet={fleet} isPhone={isPhone} />
          )}
        </div>
        {search.list && seen && (
          <HousesInView
            box={boxOf(seen.bounds)}
            selected={search.house}
            onSelect={(device) => {
              if (device.location) map?.reveal(device.location, isPhone ? sheetPixels() : PANEL_PIXELS);
              select(device.id);
            }}
            onClose={() => change({ list: undefined })}
          />
        )}
        {!isAllowed && <NoRole />}
        {isAllowed && fleet?.devices === 0 && <EmptyFleet pending={fleet.pending} />}
        {isAllowed && (
          <Legend isNear={(seen?.view.zoom ?? 0) >= SINGLES_ZOOM || hasLargeMarks({ radiusMin })} fleet={fleet} />
        )}
        <MapControls onZoom={(levels) => map?.zoomBy(levels)} />
      </div>
      {spot && <SpotList spot={spot} onSelect={select} onClose={() => setSpot(undefined)} />}
    </div>
  );
}

/** Rings the selected house, and moves the map so far that its panel doesn't cover it. */
function useSelection(map: FleetMap | null, id: string | undefined, isPhone: boolean): void {
  const { data: device } = useQuery({ ...deviceQuery(id ?? ''), enabled: id !== undefined });
  const location = id === undefined ? null : (device?.location ?? null);
  const longitude = location?.longitude;
  const latitude = location?.latitude;
  useEffect(() => {
    if (!map) return;
    if (longitude === undefined || latitude === undefined) return map.select(null);
    map.select({ longitude, latitude });
    map.reveal({ longitude, latitude }, isPhone ? sheetPixels() : PANEL_PIXELS);
  }, [map, longitude, latitude, isPhone]);
}

/** Follows the address when it was changed from outside, e.g. by the back button. */
function useAddressedView(map: FleetMap | null, at: string | undefined): void {
  useEffect(() => {
    const view = parseView(at);
    if (map && view && !map.isMoving && !isSameView(view, map.view)) map.jumpTo(view);
  }, [map, at]);
}
