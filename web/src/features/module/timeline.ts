// The moves of channels as a timeline: what one deed did to several channels stands together. Pure.

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

/** In the order in which they come, which is newest first. */
export function deedsOf(moves: readonly ModuleMove[]): Deed[] {
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

/** What a move did, in a word. */
export function deedName({ action, moves }: Pick<Deed, 'action' | 'moves'>): string {
  if (action === 'roll_back') return 'Rollback';
  if (action === 'quarantine') return 'Quarantine';
  return moves.every(({ generation }) => generation === 1) ? 'Made' : 'Pointed';
}
