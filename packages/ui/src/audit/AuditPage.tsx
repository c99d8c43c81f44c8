/** The audit log: who did what, to what, with which result, from where and when. */
import { Button, Menu } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download, ScrollText, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { EmptyState } from '../parts/EmptyState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { AuditEntryRow } from './AuditEntryRow.tsx';
import { AuditFilters } from './AuditFilters.tsx';
import { auditExportUrl, auditQuery, auditVerificationQuery } from './audit-queries.ts';
import { auditFilterOf } from './audit-search.ts';
import { ChainResult } from './ChainResult.tsx';
import styles from './AuditPage.module.css';

const route = getRouteApi('/app/settings/audit');

export function AuditPage() {
  const search = route.useSearch();
  const [openedAt] = useState(Date.now);
  const filter = auditFilterOf(search, openedAt);
  const query = useInfiniteQuery(auditQuery(filter));
  const verification = useQuery(auditVerificationQuery);
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  return (
    <>
      <PageHeader
        title="Audit log"
        detail="Every change, and who made it. Nothing in it can be changed without showing."
        actions={
          <>
            <Button
              variant="default"
              leftSection={<ShieldCheck size={16} />}
              loading={verification.isFetching}
              onClick={() => void verification.refetch()}
            >
              Verify chain
            </Button>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" leftSection={<Download size={16} />}>
                  Export
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item component="a" href={auditExportUrl('csv', filter)} download>
                  CSV, for a spreadsheet
                </Menu.Item>
                <Menu.Item component="a" href={auditExportUrl('ndjson', filter)} download>
                  NDJSON, for a program
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        }
      />
      <ChainResult query={verification} />
      <AuditFilters search={search} />
      <ListCard
        query={query}
        items={query.data?.pages.flatMap(({ items }) => items)}
        empty={
          <EmptyState icon={ScrollText} title={isFiltered ? 'No entry matches' : 'Nothing has happened yet'}>
            {isFiltered && (
              <LinkButton {...paths.audit()} variant="default">
                Clear the filter
              </LinkButton>
            )}
          </EmptyState>
        }
      >
        {(entries) => (
          <ol className={styles.entries} aria-label="Entries, newest first">
            {entries.map((entry) => (
              <AuditEntryRow key={entry.id} entry={entry} />
            ))}
          </ol>
        )}
      </ListCard>
    </>
  );
}
