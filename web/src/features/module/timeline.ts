// The moves of channels as a timeline: by day, and what one deed did to several channels together. Pure.

import type { ModuleMove } from '@/api/types';

/** One deed: several moves when one quarantine took several channels away. */
export interface Deed {
  readonly key: string;
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: string;
  readonly moves: readonly ModuleMove[];
}

export interface Day {
  /** `2026-11-23`, where the reader is. */
  readonly date: string;
  readonly deeds: readonly Deed[];
}

/** In the order in which they come, which is newest first. */
export function daysOf(moves: readonly ModuleMove[], timeZone?: string): Day[] {
  const format = dateFormat(timeZone);
  const days: { date: string; deeds: Deed[] }[] = [];
  for (const deed of deedsOf(moves)) {
    const date = format.format(new Date(deed.at));
    const last = days.at(-1);
    if (last?.date === date) last.deeds.push(deed);
    else days.push({ date, deeds: [deed] });
  }
  return days;
}

/** Sweden writes dates as everybody sorts them. */
function dateFormat(timeZone?: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('sv', { dateStyle: 'short', ...(timeZone && { timeZone }) });
}

function deedsOf(moves: readonly ModuleMove[]): Deed[] {
  const deeds: (Deed & { moves: ModuleMove[] })[] = [];
  for (const move of moves) {
    const last = deeds.at(-1);
    if (last && isSame(last, move)) last.moves.push(move);
    else {
      const { action, actor, reason, moved_at, channel, generation } = move;
      const key = `${channel} ${generation}`;
      deeds.push({ key, action, actor, reason, at: moved_at, moves: [move] });
    }
  }
  return deeds;
}

/** A quarantine moves all channels away in the same moment. */
function isSame(deed: Deed, move: ModuleMove): boolean {
  return (
    deed.action === 'quarantine' &&
    move.action === deed.action &&
    move.actor === deed.actor &&
    move.reason === deed.reason &&
    move.moved_at === deed.at &&
    deed.moves.every(({ channel }) => channel !== move.channel)
  );
}

/** A day in words, as seen from another. */
export function dayName(date: string, today: Date, timeZone?: string): string {
  const format = dateFormat(timeZone);
  if (date === format.format(today)) return 'Today';
  if (date === format.format(new Date(today.getTime() - 86_400_000))) return 'Yesterday';
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return new Intl.DateTimeFormat('en', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(Date.UTC(year, month - 1, day)));
}

/** What a move did, in a word. */
export function deedName({ action, moves }: Pick<Deed, 'action' | 'moves'>): string {
  if (action === 'roll_back') return 'Rollback';
  if (action === 'quarantine') return 'Quarantine';
  return moves.every(({ generation }) => generation === 1) ? 'Made' : 'Pointed';
}
