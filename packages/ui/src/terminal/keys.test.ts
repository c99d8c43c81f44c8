import { expect, test } from 'bun:test';
import { bytesOfBinary, keySequence, withCtrl } from './keys.ts';

test('arrows follow the mode of the program', () => {
  expect(keySequence('↑', false)).toBe('\x1b[A');
  expect(keySequence('←', true)).toBe('\x1bOD');
  expect(keySequence('Esc', true)).toBe('\x1b');
  expect(keySequence('Ctrl', false)).toBe('');
});

test('Ctrl turns a letter into its control code and leaves the rest alone', () => {
  expect([withCtrl('c'), withCtrl('D'), withCtrl('['), withCtrl(' ')]).toEqual(['\x03', '\x04', '\x1b', '\x00']);
  expect(withCtrl('paste me')).toBe('paste me');
  expect(withCtrl('ü')).toBe('ü');
});

test('binary input keeps its bytes', () => {
  expect([...bytesOfBinary('\x1b[M\xff')]).toEqual([0x1b, 0x5b, 0x4d, 0xff]);
});
