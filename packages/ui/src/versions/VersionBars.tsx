import type { SoftwareVersion } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { count, percentage, plural } from '../format/number.ts';
import { paths } from '../paths.ts';
import styles from './VersionBars.module.css';
import type { VersionsSearch } from './versions-search.ts';

/** Versions of one part of the software, the most frequent first, each as long as its houses are many. */
export function VersionBars({
  versions,
  houses,
  others,
  search,
}: {
  versions: readonly SoftwareVersion[];
  /** All of them. */
  houses: number;
  /** Houses with versions that are not listed. */
  others: number;
  /** What the page shows; a press narrows it down further. */
  search: VersionsSearch;
}) {
  const hasTypes = new Set(versions.map(({ deviceType }) => deviceType)).size > 1;
  const most = Math.max(1, ...versions.map((version) => version.houses));
  return (
    <ul className={styles.versions} aria-label="Versions">
      {versions.map((version) => {
        const { value, deviceType, drifting } = version;
        const isChosen = value !== null && search.value === value && (search.deviceType ?? deviceType) === deviceType;
        const words = (
          <>
            <span className={styles.name}>
              <b>{value ?? 'nothing known'}</b>
              {hasTypes && deviceType !== null && <small>{deviceType}</small>}
            </span>
            <span className={styles.bar} aria-hidden>
              <i data-none={value === null || undefined} style={{ width: `${(version.houses / most) * 100}%` }} />
            </span>
            <span className={styles.figures}>
              <b>{count(version.houses)}</b> <small>{percentage(version.houses, houses)}</small>
              {drifting > 0 && <em>{plural(drifting, 'drifts', 'drift')}</em>}
            </span>
          </>
        );
        return (
          <li key={`${value ?? ''} ${deviceType ?? ''}`}>
            {value === null ? (
              <div className={styles.version}>{words}</div>
            ) : (
              <Link
                {...paths.versions({
                  ...search,
                  not: undefined,
                  value: isChosen ? undefined : value,
                  ...(hasTypes ? { deviceType: isChosen ? undefined : (deviceType ?? undefined) } : {}),
                })}
                className={styles.version}
                aria-current={isChosen || undefined}
                resetScroll={false}
              >
                {words}
              </Link>
            )}
          </li>
        );
      })}
      {others > 0 && <li className={styles.others}>{plural(others, 'house')} with other versions</li>}
    </ul>
  );
}
