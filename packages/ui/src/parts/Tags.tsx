import styles from './Tags.module.css';

/** Short words in boxes, e.g. a house's tags. */
export function Tags({ tags }: { tags: readonly string[] }) {
  return tags.map((tag) => (
    <span key={tag} className={styles.tag}>
      {tag}
    </span>
  ));
}
