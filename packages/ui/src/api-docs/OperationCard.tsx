import { ChevronRight, KeyRound } from 'lucide-react';
import { useState } from 'react';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { curlOf } from './curl.ts';
import type { OpenApi, Operation } from './open-api.ts';
import styles from './OperationCard.module.css';
import { exampleOf, typeText } from './schema-text.ts';
import { SchemaTree } from './SchemaTree.tsx';

/** One operation on a line; opened, it shows what it takes, what it gives, and how to call it. */
export function OperationCard({ document, operation }: { document: OpenApi; operation: Operation }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={styles.operation}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <ChevronRight size={15} aria-hidden className={styles.chevron} />
          <span className={styles.method} data-method={operation.method}>
            {operation.method}
          </span>
          <code>{operation.path}</code>
          <span className={styles.summary}>{operation.summary}</span>
        </summary>
        {isOpen && <OperationDetail document={document} operation={operation} />}
      </details>
    </li>
  );
}

function OperationDetail({ document, operation }: { document: OpenApi; operation: Operation }) {
  const { parameters, body, result, status, description } = operation;
  const bodyExample = body && (body.example ?? (body.schema ? exampleOf(document, body.schema) : {}));
  return (
    <div className={styles.detail}>
      <p className={styles.access}>
        <KeyRound size={14} aria-hidden /> <span>{description.replaceAll('`', '')}</span>
      </p>
      {parameters.length > 0 && (
        <section>
          <h3>Parameters</h3>
          <dl className={styles.parameters}>
            {parameters.map((parameter) => (
              <div key={`${parameter.in} ${parameter.name}`}>
                <dt>
                  <code>{parameter.name}</code>
                  <small>
                    {parameter.in}
                    {parameter.required && ', required'}
                  </small>
                </dt>
                <dd>
                  {parameter.schema && typeText(document, parameter.schema)}
                  {parameter.description !== undefined && <small>{parameter.description}</small>}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {body?.schema && (
        <section>
          <h3>Body</h3>
          <SchemaTree document={document} schema={body.schema} />
        </section>
      )}
      <section>
        <h3>Call</h3>
        <CopyBlock label="As a line for the shell" text={curlOf(operation, location.origin, bodyExample)} />
      </section>
      <section>
        <h3>Answer {status}</h3>
        {result?.schema ? <SchemaTree document={document} schema={result.schema} /> : <p>Without a body.</p>}
      </section>
      {result?.schema && (
        <section>
          <h3>For example</h3>
          <CopyBlock
            label="An example of the answer"
            text={JSON.stringify(result.example ?? exampleOf(document, result.schema), null, 2)}
          />
        </section>
      )}
    </div>
  );
}
