import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { weaknessOf } from './password.ts';

const OWNER = { email: 'ada.lovelace@example.com', name: 'Ada King-Noel' };
const isWeak = (password: string): boolean => weaknessOf(password, OWNER) !== undefined;

describe('a password is refused', () => {
  const refused = {
    'when many people use it': ['iloveyouforever', 'qwertyuiop1234567890', 'passwordpassword', 'manchesterunited'],
    'whatever the case': ['ILoveYouForever', 'QWERTYUIOPASDF'],
    'with digits and signs around it': [
      'password1234',
      'Password2026!!',
      '!!dragon123456',
      '2026summer2026',
      '12345sunshine',
    ],
    'with other signs for its letters': ['P@ssw0rd1234', '5unsh1ne!!!!', 'w3lc0m3h0m3!!', 'tr3@sure12345'],
    'with something between its words': ['i-love-you-forever', 'manchester united', 'i.love.you.forever.1'],
    'when it is a sequence': ['abcdefghijklmn', 'nmlkjihgfedcba', '123456789012', '987654321098'],
    'when it repeats something short or common': [
      'abc1abc1abc1',
      'hello123hello123',
      'xyzzyxyzzyxyzzy',
      'dragondragondragon',
    ],
    'with next to no different characters': ['aaaaaaaaaaaaaa', '121212121212', 'abababababab'],
    'when it is made of the owner': [
      'ada.lovelace@example.com',
      'AdaLovelace99',
      'lovelace-2026!',
      'King_Noel_Ada!',
      '4d4l0v3l4c3!!',
    ],
    'when it is made of our name': ['LovelySmartSystem', 'lovely-system-1'],
  };
  for (const [fact, passwords] of Object.entries(refused))
    test(fact, () => expect(passwords.filter((password) => !isWeak(password))).toEqual([]));
});

test('words that don’t belong together, and random characters, are taken', () => {
  const good = [
    'correct-horse-battery-staple',
    'purple monkey dishwasher',
    'Tr4ctor under the moon?',
    'kX9#vLq2!mZp',
    '739184620573',
    'сорок тысяч обезьян',
    'adalbert mows the lawn',
  ];
  expect(good.filter(isWeak)).toEqual([]);
});

test('random passwords of twelve characters are taken, whatever they hold', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
      const password = Buffer.from(bytes).toString('base64url');
      fc.pre(new Set(password.toLowerCase()).size > 8);
      expect(isWeak(password)).toBe(false);
    }),
  );
});

test('any text is judged without a failure', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 256 }), (password) => void isWeak(password)));
});
