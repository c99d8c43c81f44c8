/** Which system this is, and whose work it stands on. */
import { useQuery } from '@tanstack/react-query';
import { systemQuery } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import styles from './AboutPage.module.css';

const ATTRIBUTIONS = [
  { name: 'GeoNames', what: 'Names and places of towns', licence: 'CC BY 4.0', url: 'https://www.geonames.org' },
  {
    name: 'Natural Earth',
    what: 'Land, lakes, rivers and borders as they are in fact',
    licence: 'Public domain',
    url: 'https://www.naturalearthdata.com',
  },
  { name: 'Inter', what: 'Typeface by Rasmus Andersson', licence: 'SIL OFL 1.1', url: 'https://rsms.me/inter' },
  { name: 'MapLibre', what: 'Map library', licence: 'BSD 3-Clause', url: 'https://maplibre.org' },
] as const;

export function AboutPage() {
  const { data: system } = useQuery(systemQuery);
  return (
    <>
      <PageHeader title="About" />
      <Card title={`Lovely Smart System${system ? ` ${system.version}` : ''}`}>
        <p className={styles.text}>
          Free software under the Apache License 2.0. Nothing here asks another server: fonts, map and towns come from
          yours.
        </p>
        <dl className={styles.attributions}>
          {ATTRIBUTIONS.map(({ name, what, licence, url }) => (
            <div key={name}>
              <dt>
                <a href={url} target="_blank" rel="noreferrer">
                  {name}
                </a>
              </dt>
              <dd>
                {what} <span>· {licence}</span>
              </dd>
            </div>
          ))}
        </dl>
      </Card>
    </>
  );
}
