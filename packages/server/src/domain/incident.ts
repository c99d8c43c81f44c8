/** Incidents in words. */
import type { Incident } from '@lovely/api';

/** What is said of houses that went offline together in one place, or in one network. */
export const OUTAGE = {
  cause:
    'Many gateways of one place or of one network went away within minutes, so it is hardly the gateways: the power or the internet provider there has probably failed.',
  suggestion: [
    'Look whether the power company or the internet provider there has announced an outage; ask one of the houses whether the lights are on.',
    'Tell those who wait that it is known. There is nothing to do at the single houses: their gateways come back by themselves.',
    'A house that is still away half an hour after its neighbours are back has a problem of its own: look at its own alert then.',
  ],
} as const;

interface Titled extends Pick<Incident, 'kind' | 'ruleTitle' | 'where' | 'houses' | 'housesMax'> {
  readonly isOver: boolean;
  readonly trait: Pick<Incident['traits'][number], 'attribute' | 'value'> | null;
}

/** As "Gateway offline · 5,000 houses around Milan". One that is over tells of as many houses as it ever had. */
export function incidentTitle({ kind, trait, ruleTitle, where, houses, housesMax, isOver }: Titled): string {
  const count = isOver ? housesMax : houses;
  const counted = `${count.toLocaleString('en')} ${count === 1 ? 'house' : 'houses'}`;
  const what =
    kind === 'outage'
      ? trait?.attribute === 'network'
        ? `Possible outage of the network ${trait.value}`
        : 'Possible power or provider outage'
      : ruleTitle;
  const which = kind === 'trait' && trait ? ` ${traitWords(trait)}` : '';
  return `${what} · ${counted}${which}${where === '' ? '' : ` ${where}`}`;
}

function traitWords({ attribute, value }: NonNullable<Titled['trait']>): string {
  switch (attribute) {
    case 'model':
      return `of model ${value}`;
    case 'firmware':
      return `with firmware ${value}`;
    case 'client':
      return `running ${value}`;
    case 'network':
      return `in the network ${value}`;
    case 'region':
      return `in ${value}`;
  }
}
