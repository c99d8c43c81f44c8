import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { areSameValues, effectiveConfiguration, type GroupValues } from './configuration.ts';

const key = fc.constantFrom('a', 'b', 'c', 'sensor/oven-1/a', '__proto__', 'constructor', 'toString');
const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.boolean(), fc.constantFrom('', 'x'));
const values = fc.array(fc.tuple(key, value), { maxLength: 6 }).map((all) => Object.fromEntries(all));
const groups: fc.Arbitrary<GroupValues[]> = fc
  .array(fc.record({ priority: fc.integer({ min: 0, max: 3 }), values }), { maxLength: 5 })
  .map((all) => all.map((group, at) => ({ ...group, id: `id-${at}`, name: `group ${at}` })));

test('what comes out is what the house says, else what the strongest group says, for every key and in any order', () => {
  fc.assert(
    fc.property(values, groups, fc.nat(), (own, all, seed) => {
      const shuffled = all.toSorted((a, b) => ((a.priority * 7 + seed) % 5) - ((b.priority * 7 + seed) % 5));
      const { values: result, origins } = effectiveConfiguration(own, shuffled);
      const keys = new Set([own, ...all.map((group) => group.values)].flatMap((each) => Object.keys(each)));
      expect(new Set(Object.keys(result))).toEqual(keys);
      expect(new Set(Object.keys(origins))).toEqual(keys);
      for (const each of keys) {
        const from = all.filter((group) => Object.hasOwn(group.values, each));
        const top = Math.max(...from.map(({ priority }) => priority));
        const winner = from.find(({ priority }) => priority === top);
        const isOwn = Object.hasOwn(own, each);
        expect(Object.getOwnPropertyDescriptor(result, each)?.value).toBe(
          Object.getOwnPropertyDescriptor(isOwn ? own : winner!.values, each)?.value,
        );
        expect(Object.getOwnPropertyDescriptor(origins, each)?.value).toBe(isOwn ? null : winner!.id);
      }
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    }),
  );
});

test('a group that says nothing new, or is overridden everywhere, changes nothing', () => {
  fc.assert(
    fc.property(values, groups, (own, all) => {
      const before = effectiveConfiguration(own, all);
      const weak = { id: 'weak', name: 'zzz', priority: -1, values: before.values };
      expect(effectiveConfiguration(own, [...all, weak])).toEqual(before);
      expect(areSameValues(effectiveConfiguration(before.values, all).values, before.values)).toBe(true);
    }),
  );
});
