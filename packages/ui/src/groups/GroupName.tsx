import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { paths } from '../paths.ts';
import { groupsQuery } from './group-queries.ts';

/** A group's name as a link to it. */
export function GroupName({ id }: { id: string }) {
  const { data } = useQuery(groupsQuery);
  const group = data?.items.find((candidate) => candidate.id === id);
  if (!group) return data ? 'a deleted group' : '…';
  return <Link {...paths.group(id)}>{group.name}</Link>;
}
