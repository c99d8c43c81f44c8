/** Which houses a rule is for: those of some types, in some groups, and some by name; none of it is every house. */
import { RULE_TARGETS_MAX, type RuleTarget } from '@lovely/api';
import { Input, SegmentedControl, TagsInput } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { deviceQuery } from '../api.ts';
import { DeviceSearch } from '../devices/DeviceSearch.tsx';
import { useFilterValues } from '../groups/group-queries.ts';
import { GroupsSelect } from '../groups/GroupSelect.tsx';
import styles from './TargetFields.module.css';

const EVERY: RuleTarget = { deviceTypes: [], groupIds: [], deviceIds: [] };

export function TargetFields({
  value,
  isReadOnly,
  onChange,
}: {
  value: RuleTarget;
  isReadOnly: boolean;
  onChange: (target: RuleTarget) => void;
}) {
  const [isSome, setSome] = useState(Object.values(value).some((list) => list.length > 0));
  const types = useFilterValues('inventory', 'device_type');
  return (
    <>
      <SegmentedControl
        aria-label="Which houses"
        data={[
          { value: 'every', label: 'Every house' },
          { value: 'some', label: 'Only some' },
        ]}
        value={isSome ? 'some' : 'every'}
        disabled={isReadOnly}
        onChange={(chosen) => {
          setSome(chosen === 'some');
          if (chosen === 'every') onChange(EVERY);
        }}
      />
      {isSome && (
        <>
          <TagsInput
            label="Gateways of these types"
            placeholder={value.deviceTypes.length === 0 ? 'raspberrypi4 …' : ''}
            data={types}
            value={[...value.deviceTypes]}
            disabled={isReadOnly}
            onChange={(deviceTypes) => onChange({ ...value, deviceTypes })}
          />
          <Input.Wrapper label="Houses in these groups" labelElement="div">
            <GroupsSelect
              label="Houses in these groups"
              value={value.groupIds}
              onChange={(groupIds) => onChange({ ...value, groupIds })}
            />
          </Input.Wrapper>
          {!isReadOnly && value.deviceIds.length < RULE_TARGETS_MAX && (
            <DeviceSearch
              label="And these houses"
              isEmptiedByChoice
              onChoose={(device) =>
                device && onChange({ ...value, deviceIds: [...new Set([...value.deviceIds, device.id])] })
              }
            />
          )}
          <Houses
            ids={value.deviceIds}
            isReadOnly={isReadOnly}
            onRemove={(id) => onChange({ ...value, deviceIds: value.deviceIds.filter((other) => other !== id) })}
          />
        </>
      )}
    </>
  );
}

function Houses({
  ids,
  isReadOnly,
  onRemove,
}: {
  ids: readonly string[];
  isReadOnly: boolean;
  onRemove: (id: string) => void;
}) {
  const devices = useQueries({ queries: ids.map((id) => deviceQuery(id)) });
  if (ids.length === 0) return null;
  return (
    <ul className={styles.houses}>
      {ids.map((id, index) => {
        const name = devices[index]?.data?.name ?? id;
        return (
          <li key={id}>
            {name}
            {!isReadOnly && (
              <button type="button" aria-label={`Remove ${name}`} onClick={() => onRemove(id)}>
                <X size={13} aria-hidden />
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
