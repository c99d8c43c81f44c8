import { resolved, type OpenApi, type Schema } from './open-api.ts';
import styles from './SchemaTree.module.css';
import { typeText } from './schema-text.ts';

/** Deeper members are left to the example: a schema may hold itself. */
const DEPTH_MAX = 6;

/** The members of an object with their types, and those of the objects in it. */
export function SchemaTree({ document, schema, depth = 0 }: { document: OpenApi; schema: Schema; depth?: number }) {
  const members = membersOf(document, schema);
  if (members.length === 0) return <p>{typeText(document, schema)}</p>;
  return (
    <ul className={styles.tree}>
      {members.map(({ name, of, isRequired }) => (
        <li key={name}>
          <div className={styles.member}>
            <code>
              {name}
              {!isRequired && <span title="optional">?</span>}
            </code>
            <span>{typeText(document, of)}</span>
          </div>
          {resolved(document, of).description !== undefined && <p>{resolved(document, of).description}</p>}
          {depth < DEPTH_MAX && membersOf(document, of).length > 0 && (
            <SchemaTree document={document} schema={of} depth={depth + 1} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** Of an object itself, of what a list holds, or of the choice that is an object. */
function membersOf(document: OpenApi, given: Schema): { name: string; of: Schema; isRequired: boolean }[] {
  const schema = resolved(document, given);
  if (schema.items) return membersOf(document, schema.items);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice) => membersOf(document, choice)).find(({ length }) => length > 0) ?? [];
  return Object.entries(schema.properties ?? {}).map(([name, of]) => ({
    name,
    of,
    isRequired: schema.required?.includes(name) ?? false,
  }));
}
