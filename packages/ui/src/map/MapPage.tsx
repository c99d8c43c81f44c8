/** The world map: every house, green or red as it happens, and what to do about the red ones. */
import { useState } from 'react';
import { canDrawMap } from './map-library.ts';
import { LiveMap } from './LiveMap.tsx';
import { MapList } from './MapList.tsx';

export function MapPage() {
  const [isDrawable] = useState(canDrawMap);
  return (
    <>
      <title>Map · Lovely Smart System</title>
      <h1 className="visually-hidden">Map of all houses</h1>
      {isDrawable ? <LiveMap /> : <MapList />}
    </>
  );
}
