/** The world map. */
export function MapPage() {
  return <div />;
}
