/** The documentation of the HTTP API, made from the description that this very server gives of itself; works offline. */
import { UnstyledButton } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { plural } from '../format/number.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Filters } from '../parts/Filters.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { matching, openApi, operationsOf } from './open-api.ts';
import { OperationCard } from './OperationCard.tsx';
import styles from './ApiDocsPage.module.css';

const route = getRouteApi('/app/api/docs');

const openApiQuery = queryOptions({
  queryKey: ['open-api'],
  queryFn: async ({ signal }) => {
    const response = await fetch('/api/openapi.json', { signal });
    if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
    return openApi.parse(await response.json());
  },
  staleTime: Infinity,
});

export function ApiDocsPage() {
  const { search = '' } = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(openApiQuery);
  const document = query.data;
  const operations = document ? operationsOf(document) : [];
  const found = matching(operations, search);
  const tags = [...new Set(operations.map(({ tag }) => tag))].toSorted();
  const find = (text: string): void => void navigate({ ...paths.apiDocs(text), replace: true });
  return (
    <Page>
      <PageHeader
        title="API"
        detail={
          <>
            Everything the pages do, programs can do too: with a token from your security settings.{' '}
            <a href="/api/openapi.json" className={styles.document}>
              OpenAPI 3.1
            </a>
          </>
        }
      />
      <Filters>
        <SearchField label="Search the API" placeholder="Path, words, permission…" value={search} onChange={find} />
        {document && <output className={styles.count}>{plural(found.length, 'operation')}</output>}
      </Filters>
      {query.isPending && <Waiting rows={8} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {document && found.length === 0 && <EmptyState icon={SearchX} title="No operation matches" />}
      {document && (
        <div className={styles.columns}>
          <nav className={styles.tags} aria-label="Parts of the API">
            {tags.map((tag) => (
              <UnstyledButton
                key={tag}
                onClick={() => globalThis.document.getElementById(`tag-${tag}`)?.scrollIntoView()}
              >
                {tag}
              </UnstyledButton>
            ))}
          </nav>
          <div className={styles.parts}>
            {tags
              .map((tag) => ({ tag, of: found.filter((operation) => operation.tag === tag) }))
              .filter(({ of }) => of.length > 0)
              .map(({ tag, of }) => (
                <section key={tag} id={`tag-${tag}`} aria-labelledby={`name-${tag}`}>
                  <h2 id={`name-${tag}`}>{tag}</h2>
                  <p>{document.tags?.find(({ name }) => name === tag)?.description}</p>
                  <ul className={styles.operations}>
                    {of.map((operation) => (
                      <OperationCard key={operation.id} document={document} operation={operation} />
                    ))}
                  </ul>
                </section>
              ))}
          </div>
        </div>
      )}
    </Page>
  );
}
