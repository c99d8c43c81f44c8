import { Autocomplete } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { releasesQuery } from '../deployments/deployment-queries.ts';

/** The release that a fix installs; one that is uploaded later may be named too. */
export function ReleaseField({
  value,
  error,
  isReadOnly,
  onChange,
}: {
  value: string;
  error: string | undefined;
  isReadOnly: boolean;
  onChange: (artifact: string) => void;
}) {
  const { data } = useInfiniteQuery(releasesQuery(value));
  return (
    <Autocomplete
      label="Release"
      description="Of its artifacts, the house gets the one that fits it; it goes back by itself when the update fails."
      placeholder="heating-2.1"
      data={(data?.pages[0]?.items ?? []).map(({ name }) => name)}
      value={value}
      error={error}
      disabled={isReadOnly}
      onChange={onChange}
    />
  );
}
