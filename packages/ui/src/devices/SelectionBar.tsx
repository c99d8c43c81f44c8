import { addGroupDevices, GROUP_CHANGE_DEVICES_MAX } from '@lovely/api';
import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Rocket } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { plural } from '../format/number.ts';
import { GroupForm } from '../groups/GroupForm.tsx';
import { GROUPS_KEY, groupsQuery } from '../groups/group-queries.ts';
import { CHOSEN_HOUSES_MAX } from '../limits.ts';
import { useMay } from '../may.ts';
import { LinkButton } from '../parts/LinkButton.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import styles from './SelectionBar.module.css';

const NEW_GROUP = 'new';

/** What can be done with the houses that are ticked. */
export function SelectionBar({ selected, onDone }: { selected: ReadonlySet<string>; onDone: () => void }) {
  const may = useMay();
  const { data } = useQuery(groupsQuery);
  const [isMaking, setMaking] = useState(false);
  const groups = data?.items.filter(({ kind }) => kind === 'static') ?? [];
  const add = useChange(
    (id: string) => request(addGroupDevices, { params: { id }, body: { deviceIds: [...selected] } }),
    {
      outdated: [GROUPS_KEY, keys.devices],
      done: ({ name }) => `${plural(selected.size, 'house')} added to ${name}.`,
    },
  );
  const addTo = (id: string): void =>
    add.mutate(id, { onSuccess: onDone, onError: (error) => void toastError('Not added', error) });
  return (
    <section className={styles.bar} aria-label="Selected houses">
      <output>{plural(selected.size, 'house')} selected</output>
      <NativeSelect
        aria-label="Add to group"
        data={[
          { value: '', label: 'Add to group…' },
          ...groups.map(({ id, name }) => ({ value: id, label: name })),
          { value: NEW_GROUP, label: 'A new group…' },
        ]}
        value=""
        disabled={add.isPending || selected.size > GROUP_CHANGE_DEVICES_MAX}
        onChange={({ currentTarget: { value } }) => (value === NEW_GROUP ? setMaking(true) : addTo(value))}
      />
      {may('deployment.write') && selected.size <= CHOSEN_HOUSES_MAX && (
        <LinkButton
          {...paths.newDeployment({ houses: [...selected].join('.') })}
          variant="default"
          leftSection={<Rocket size={15} />}
        >
          Update…
        </LinkButton>
      )}
      <Button variant="subtle" onClick={onDone}>
        Clear
      </Button>
      {isMaking && <GroupForm deviceIds={[...selected]} onClose={() => setMaking(false)} />}
    </section>
  );
}
