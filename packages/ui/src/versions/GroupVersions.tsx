import { useQuery } from '@tanstack/react-query';
import { Rocket } from 'lucide-react';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { paths } from '../paths.ts';
import { versionsQuery } from './software-queries.ts';
import { VersionBars } from './VersionBars.tsx';

/** What runs on the houses of a group; no card where nothing is known of any. */
export function GroupVersions({ groupId }: { groupId: string }) {
  const may = useMay();
  const { data } = useQuery(versionsQuery({ groupId }));
  if (!data || data.items.every(({ value }) => value === null)) return null;
  return (
    <Card
      title="What runs there"
      aside={
        may('deployment.write') && (
          <LinkButton
            {...paths.newDeployment({ to: 'group', group: groupId })}
            variant="light"
            size="xs"
            leftSection={<Rocket size={14} />}
          >
            Update this group…
          </LinkButton>
        )
      }
    >
      <VersionBars versions={data.items} houses={data.houses} others={data.others} search={{ group: groupId }} />
    </Card>
  );
}
