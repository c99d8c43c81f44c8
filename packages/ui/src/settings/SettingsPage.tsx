/** How it looks, who is signed in, and whose work it stands on. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { meQuery, systemQuery } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { useSignOut } from '../shell/sign-out.ts';
import { ThemeControl } from '../shell/ThemeControl.tsx';
import styles from './SettingsPage.module.css';

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

export function SettingsPage() {
  const { data: me } = useQuery(meQuery);
  const { data: system } = useQuery(systemQuery);
  const signOut = useSignOut();
  return (
    <Page width="narrow">
      <PageHeader title="Settings" />
      <div className={styles.cards}>
        <Card title="Appearance">
          <div className={styles.row}>
            <span>
              Theme
              <small>Auto follows this computer.</small>
            </span>
            <div className={styles.control}>
              <ThemeControl />
            </div>
          </div>
        </Card>
        {me && (
          <Card title="Account">
            <div className={styles.row}>
              <span>
                {me.name}
                <small>
                  {me.email} · {me.tenant.name}
                </small>
              </span>
              <Button variant="default" leftSection={<LogOut size={15} />} onClick={() => void signOut()}>
                Sign out
              </Button>
            </div>
          </Card>
        )}
        <Card title="About">
          <p className={styles.text}>
            Precious Pretty UI of the Lovely Smart System{system && ` ${system.version}`}, free software under the
            Apache License 2.0. Nothing here asks another server: fonts, map and towns come from yours.
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
      </div>
    </Page>
  );
}
