// What changed between what somebody looked at and what is there now, in sentences. Pure.

import type { ChannelView, RollbackView } from '@/api/types';

export function shown(version: string | null | undefined): string {
  return version ?? 'nothing';
}

/** What is different in the preview of a rollback that was asked for again. */
export function previewChanges(before: RollbackView, after: RollbackView): string[] {
  const said: string[] = [];
  if (before.generation !== after.generation) {
    said.push(
      before.from === after.from
        ? `${after.channel} has moved and come back to ${shown(after.from)}.`
        : `${after.channel} pointed at ${shown(before.from)}, and points at ${shown(after.from)} now.`,
    );
  }
  if (before.to !== after.to) {
    said.push(`It would go back to ${after.to} instead of ${before.to}.`);
  }
  if (before.to === after.to && before.to_verdict !== after.to_verdict) {
    said.push(`${after.to} is ${after.to_verdict ?? 'not judged'} now.`);
  }
  for (const { version, reason } of after.passed_over) {
    const known = before.passed_over.some((other) => other.version === version);
    if (!known) said.push(`${version} is passed over now: ${reason}.`);
  }
  return said.length > 0 ? said : ['What it would do is the same as before.'];
}

/** Where a channel went since it was looked at, by whom and why. */
export function channelChanges(before: ChannelView, after: ChannelView): string[] {
  if (before.generation === after.generation) return [];
  const said = [
    before.version === after.version
      ? `${after.name} has moved and come back to ${shown(after.version)}.`
      : `${after.name} pointed at ${shown(before.version)}, and points at ${shown(after.version)} now.`,
  ];
  const last = after.last_move;
  if (last) said.push(`${last.actor} moved it: “${last.reason}”`);
  return said;
}
