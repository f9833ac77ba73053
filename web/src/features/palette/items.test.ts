import { expect, test } from 'vitest';
import type { ModuleSummary } from '@/api/types';
import { groupsFor, type Offers, stepped } from './items';

const TOPICS = {
  name: 'acme/topics',
  kind: 'adapter',
  description: 'Sorts mails',
  latest_version: '1.1.0',
} as ModuleSummary;

const OFFERS: Offers = {
  text: '',
  recent: [{ path: '/modules/acme/urgency', name: 'acme/urgency' }],
  found: [TOPICS],
  places: [
    { id: '/modules', label: 'Modules', look: 'place', path: '/modules' },
    { id: '/activity', label: 'Activity', look: 'place', path: '/activity' },
  ],
  deeds: [{ id: 'scheme', label: 'Use the dark theme', look: 'deed' }],
};

const titles = (offers: Offers) => groupsFor(offers).map(({ title }) => title);
const labels = (offers: Offers) =>
  groupsFor(offers).flatMap(({ items }) => items.map(({ label }) => label));

test('before anything is typed it offers what one comes back to', () => {
  expect(titles(OFFERS)).toEqual(['Recent', 'Go to', 'Do']);
});

test('what is typed finds modules by what the server says, pages and deeds by their words', () => {
  expect(labels({ ...OFFERS, text: 'dark theme' })).toEqual(['acme/topics', 'Use the dark theme']);
  expect(labels({ ...OFFERS, text: 'ACT', found: [] })).toEqual(['Activity']);
});

test('a reference leads to its release', () => {
  const [group] = groupsFor({ ...OFFERS, text: 'acme/topics@1.1.0', found: [] });
  expect(group?.items[0]?.path).toBe('/modules/acme/topics/1.1.0');
});

test('a module tells its version and what it is for', () => {
  const [group] = groupsFor({ ...OFFERS, text: 'top' });
  expect(group?.items[0]).toMatchObject({ hint: '1.1.0 · Sorts mails', look: 'adapter' });
});

test('what nothing fits offers nothing', () => {
  expect(groupsFor({ ...OFFERS, text: 'zzz', found: [] })).toEqual([]);
});

test('steps go round', () => {
  expect(stepped(0, 1, 3)).toBe(1);
  expect(stepped(2, 1, 3)).toBe(0);
  expect(stepped(0, -1, 3)).toBe(2);
  expect(stepped(0, 1, 0)).toBe(0);
});
