/** Mender's tags have a name and a value; ours are one text: `name=value`, or `name` alone where both are the same. */

export interface MenderTag {
  readonly name: string;
  readonly value: string;
}

export function toMenderTag(tag: string): MenderTag {
  const at = tag.indexOf('=');
  return at < 0 ? { name: tag, value: tag } : { name: tag.slice(0, at), value: tag.slice(at + 1) };
}

/** The last of each name counts. */
export function fromMenderTags(tags: readonly MenderTag[]): string[] {
  const byName = new Map(tags.map(({ name, value }) => [name, value]));
  return [...byName].map(([name, value]) => (name === value ? name : `${name}=${value}`));
}
