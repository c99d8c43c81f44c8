/** Which alerts: how bad, of which rules, in which groups of houses, about what. */
import { SENSOR_KINDS, sensorKind, type AlertMatch } from '@lovely/api';
import { Input, MultiSelect, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { GroupsSelect } from '../groups/GroupSelect.tsx';
import { groupsQuery } from '../groups/group-queries.ts';
import { rulesQuery, useRuleTitle } from '../rules/rule-queries.ts';
import { matchText } from './policy-words.ts';

const GATEWAY = { value: 'gateway', label: 'The gateway itself' };
const KINDS = [GATEWAY, ...Object.entries(SENSOR_KINDS).map(([value, { title }]) => ({ value, label: title }))];

export function MatchFields({ value, onChange }: { value: AlertMatch; onChange: (match: AlertMatch) => void }) {
  const { data: rules } = useQuery(rulesQuery);
  const known = rules?.items.map(({ key, title }) => ({ value: key, label: title })) ?? [];
  const gone = value.rules.filter((key) => !known.some((rule) => rule.value === key));
  const others = value.sensorKinds.filter((kind) => !KINDS.some((known) => known.value === kind));
  return (
    <>
      <Input.Wrapper label="How bad" labelElement="div">
        <SegmentedControl
          fullWidth
          aria-label="How bad"
          data={[
            { value: '', label: 'Any' },
            { value: 'critical', label: 'Critical' },
            { value: 'warning', label: 'Warnings' },
          ]}
          value={value.severities.length === 1 ? value.severities[0]! : ''}
          onChange={(chosen) => onChange({ ...value, severities: chosen === '' ? [] : [chosen] })}
        />
      </Input.Wrapper>
      <MultiSelect
        label="Rules"
        placeholder={value.rules.length === 0 ? 'Any rule' : ''}
        searchable
        nothingFoundMessage="No rule has this name."
        data={[...known, ...gone.map((key) => ({ value: key, label: key }))]}
        value={value.rules}
        onChange={(keys) => onChange({ ...value, rules: keys })}
      />
      <Input.Wrapper label="Houses in any of these groups" description="None: all houses" labelElement="div">
        <GroupsSelect
          label="Groups of houses"
          value={value.groupIds}
          onChange={(groupIds) => onChange({ ...value, groupIds })}
        />
      </Input.Wrapper>
      <MultiSelect
        label="Problems of"
        placeholder={value.sensorKinds.length === 0 ? 'Anything in the house' : ''}
        searchable
        data={[...KINDS, ...others.map((kind) => ({ value: kind, label: kind }))]}
        value={value.sensorKinds}
        onChange={(sensorKinds) => onChange({ ...value, sensorKinds })}
      />
    </>
  );
}

/** Says which alerts a match is for. */
export function useMatchText(): (match: AlertMatch) => string {
  const rule = useRuleTitle();
  const { data: groups } = useQuery(groupsQuery);
  const group = (id: string): string =>
    groups?.items.find((one) => one.id === id)?.name ?? (groups ? 'a deleted group' : '…');
  const kind = (name: string): string => (name === GATEWAY.value ? 'the gateway' : (sensorKind(name)?.title ?? name));
  return (match) => matchText(match, { rule, group, kind });
}
