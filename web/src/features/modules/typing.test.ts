import { expect, test } from 'vitest';
import { startTyping, typing, type TypingStep } from './typing';

function after(address: string, ...steps: TypingStep[]) {
  return steps.reduce(typing, startTyping(address));
}

test('an address that comes late takes no letter back', () => {
  const state = after(
    '',
    { did: 'type', text: 'to' },
    { did: 'send', query: 'to' },
    { did: 'type', text: 'topi' },
    { did: 'send', query: 'topi' },
    { did: 'type', text: 'topics' },
    { did: 'arrive', address: 'to' },
  );
  expect(state.text).toBe('topics');
  expect(typing(state, { did: 'arrive', address: 'topi' }).text).toBe('topics');
});

test('an address that never came is passed over', () => {
  const state = after(
    '',
    { did: 'send', query: 'to' },
    { did: 'type', text: 'topi' },
    { did: 'send', query: 'topi' },
    { did: 'arrive', address: 'topi' },
  );
  expect(state).toEqual({ text: 'topi', address: 'topi', sent: [] });
});

test('back, forward and links change what stands in the box', () => {
  expect(after('topi', { did: 'arrive', address: 'mails' }).text).toBe('mails');
  expect(after('topi', { did: 'arrive', address: '' }).text).toBe('');
});

test('what was sent counts until one leaves the box', () => {
  const state = after(
    'a',
    { did: 'type', text: 'ab' },
    { did: 'send', query: 'ab' },
    { did: 'leave' },
    { did: 'arrive', address: 'a b' },
  );
  expect(state.text).toBe('a b');
});

test('a space at the end stays while one types on', () => {
  const state = after(
    '',
    { did: 'type', text: 'two ' },
    { did: 'send', query: 'two' },
    { did: 'arrive', address: 'two' },
  );
  expect(state.text).toBe('two ');
});
