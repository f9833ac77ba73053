// What the palette offers for what was typed. Pure.

import { parseReference } from '@/api/reference';
import type { ModuleSummary } from '@/api/types';
import type { Recent } from './recent';

export interface Item {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  /** For the icon: a kind of module, or what it is otherwise. */
  readonly look: string;
  /** Where it leads; what has none is carried out by its id. */
  readonly path?: string;
}

export interface Group {
  readonly title: string;
  readonly items: readonly Item[];
}

export interface Offers {
  readonly text: string;
  readonly recent: readonly Recent[];
  readonly found: readonly ModuleSummary[];
  readonly places: readonly Item[];
  readonly deeds: readonly Item[];
}

/** The id of the release that was typed in full. */
export const RELEASE = 'release';

/** Nothing typed: what one comes back to. Else: what has it in its name. */
export function groupsFor({ text, recent, found, places, deeds }: Offers): Group[] {
  const wanted = text.trim();
  const suits = ({ label, hint }: Item) => fits(wanted, `${label} ${hint ?? ''}`);
  const groups: Group[] = [
    { title: 'Recent', items: wanted === '' ? recent.map(ofRecent) : [] },
    { title: 'Release', items: ofReference(text.trim()) },
    { title: 'Modules', items: wanted === '' ? [] : found.map(ofModule) },
    { title: 'Go to', items: places.filter(suits) },
    { title: 'Do', items: deeds.filter(suits) },
  ];
  return groups.filter(({ items }) => items.length > 0);
}

/** Whether each word of what is wanted stands there, in whatever case. */
export function fits(wanted: string, text: string): boolean {
  const there = text.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => there.includes(word));
}

function ofRecent({ path, name }: Recent): Item {
  return { id: `recent ${path}`, label: name, look: 'recent', path };
}

function ofReference(text: string): Item[] {
  const reference = parseReference(text);
  if (!reference) return [];
  const { namespace, name, version } = reference;
  const parts = [namespace, name, version].map(encodeURIComponent);
  return [{ id: RELEASE, label: text, look: 'release', path: `/modules/${parts.join('/')}` }];
}

function ofModule({ name, kind, description, latest_version }: ModuleSummary): Item {
  const hint = [latest_version, description].filter(Boolean).join(' · ');
  return { id: `module ${name}`, label: name, hint, look: kind, path: `/modules/${name}` };
}

/** The item after or before the one at that place, round and round. */
export function stepped(at: number, by: number, count: number): number {
  return count === 0 ? 0 : (at + by + count) % count;
}
