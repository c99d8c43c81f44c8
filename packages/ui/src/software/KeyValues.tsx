import styles from './KeyValues.module.css';

/** Keys of provides or depends with what stands for each. */
export function KeyValues({
  title,
  values,
}: {
  title: string;
  values: Readonly<Record<string, string | readonly string[]>>;
}) {
  const entries = Object.entries(values);
  return (
    <div>
      <h3>{title}</h3>
      {entries.length === 0 && <p className={styles.none}>Nothing</p>}
      <dl className={styles.list}>
        {entries.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{typeof value === 'string' ? value : value.join(' or ')}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
