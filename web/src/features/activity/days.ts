// Entries by day. Pure.

import type { AuditEntry } from '@/api/types';
import { dayOf } from './filter';

export interface Day {
  readonly day: string;
  readonly title: string;
  readonly entries: readonly AuditEntry[];
}

const long = new Intl.DateTimeFormat('en', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

/** In the order in which they come, which is the newest first. */
export function byDay(entries: readonly AuditEntry[], now: Date): Day[] {
  const days: { day: string; title: string; entries: AuditEntry[] }[] = [];
  for (const entry of entries) {
    const at = new Date(entry.happened_at);
    const day = dayOf(at);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, title: titleOf(at, now), entries: [entry] });
  }
  return days;
}

function titleOf(at: Date, now: Date): string {
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayOf(at) === dayOf(now)) return 'Today';
  if (dayOf(at) === dayOf(before)) return 'Yesterday';
  return long.format(at);
}
