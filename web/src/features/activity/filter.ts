// What the address says about which entries are wanted. Pure.

import type { AuditFilter } from '@/queries/audit';

/** As in the address: days, where the API takes moments. */
export type ActivitySearch = AuditFilter;

const FIELDS = ['namespace', 'module', 'actor', 'action'] as const;
const DAYS = ['since', 'until'] as const;

/** What makes no sense is left out. */
export function readSearch(search: Record<string, unknown>): ActivitySearch {
  const texts = FIELDS.map((field) => [field, textOf(search[field])] as const);
  const days = DAYS.map((field) => {
    const text = textOf(search[field]);
    return [field, isDay(text) ? text : ''] as const;
  });
  return Object.fromEntries([...texts, ...days].filter(([, value]) => value !== ''));
}

/** The router reads `?actor=42` as a number. */
function textOf(given: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof given) ? String(given).trim() : '';
}

/** A year that is still being typed (`0020`) makes none. */
export function isDay(text: string): boolean {
  return /^2\d{3}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** For the API: from the beginning of the first day to the end of the last, where the reader is. */
export function filterOf({ since, until, ...rest }: ActivitySearch): AuditFilter {
  return {
    ...rest,
    ...(since && { since: startOf(since, 0) }),
    ...(until && { until: startOf(until, 1) }),
  };
}

function startOf(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** The day of a moment, where the reader is, as an address writes it. */
export function dayOf(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

export function isNarrowed(search: ActivitySearch): boolean {
  return Object.keys(search).length > 0;
}

/** What can be done, by group; a group is an action too. */
export const ACTIONS: readonly (readonly [
  group: string,
  title: string,
  actions: readonly string[],
])[] = [
  [
    'release',
    'Releases',
    ['submit', 'publish', 'reject', 'deprecate', 'yank', 'quarantine', 'restore'],
  ],
  ['channel', 'Channels', ['point', 'roll_back', 'quarantine']],
  ['pair', 'Pairs', ['prove']],
  ['draft', 'Drafts', ['create', 'replace', 'delete']],
  ['module', 'Modules', ['create', 'describe']],
  ['namespace', 'Namespaces', ['create', 'set_visibility']],
  ['role', 'Roles', ['set', 'remove']],
  ['actor', 'Actors', ['create']],
  ['token', 'Tokens', ['create', 'revoke']],
  ['session', 'Sessions', ['open', 'close']],
];
