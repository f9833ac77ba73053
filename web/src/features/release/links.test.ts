import { expect, test } from 'vitest';
import { webAddress } from './links';

test('addresses of the web can be followed, and nothing else', () => {
  expect(webAddress('https://git.example/code?rev=ab12')).toBe('https://git.example/code?rev=ab12');
  expect(webAddress('http://wandb.example/run/7')).toBe('http://wandb.example/run/7');
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'acme/mails',
    'https://',
    'ftp://a',
  ]) {
    expect(webAddress(text)).toBeNull();
  }
});
