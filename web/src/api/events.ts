// The server's stream of events, kept open through losses.

import { newStore } from './store';
import type { EventView } from './types';

export const EVENT_KINDS = [
  'release.submitted',
  'release.verifying',
  'release.published',
  'release.rejected',
  'release.deprecated',
  'release.yanked',
  'release.quarantined',
  'release.restored',
  'pair.judged',
  'channel.moved',
  'module.created',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** Whether events come: what is shown need not be asked for again and again. */
export const streaming = newStore(false);

export interface StreamEnds {
  readonly onEvent: (event: EventView) => void;
  /** The stream is open again; what happened meanwhile may be missing. */
  readonly onGap: () => void;
  /** It is lost, or a try to open it again failed; the browser or we try again. */
  readonly onLoss: () => void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/** How long to wait before the next try, not all pages at once. */
export function waitBefore(tries: number, random: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  return longest * (0.5 + random / 2);
}

/** The event in a message; null for what is none, as of a server of another version. */
export function readEvent(data: unknown): EventView | null {
  if (typeof data !== 'string') return null;
  try {
    const value = JSON.parse(data) as Partial<EventView> | null;
    if (typeof value?.kind !== 'string' || typeof value.module !== 'string') return null;
    return { data: {}, ...value } as EventView;
  } catch {
    return null;
  }
}

/** Behind which event a stream goes on; nothing for from now on. */
export interface Place {
  after: string | undefined;
}

/** Opens the stream at a place, which it moves along; answers with what closes it for good. */
export function openStream(ends: StreamEnds, place: Place): () => void {
  // Where there is none (tests), pages ask again and again.
  if (typeof EventSource === 'undefined') return () => undefined;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let lost = false;

  const hear = (message: MessageEvent) => {
    move(message);
    const event = readEvent(message.data);
    if (event) ends.onEvent(event);
  };
  const move = ({ lastEventId }: MessageEvent) => {
    if (lastEventId) place.after = lastEventId;
  };
  const open = () => {
    const after = place.after ? `?after=${encodeURIComponent(place.after)}` : '';
    source = new EventSource(`/api/v1/events${after}`);
    source.addEventListener('ready', move);
    for (const kind of EVENT_KINDS) source.addEventListener(kind, hear);
    source.addEventListener('open', opened);
    source.addEventListener('error', failed);
  };
  const opened = () => {
    tries = 0;
    streaming.set(true);
    if (lost) ends.onGap();
    lost = false;
  };
  const failed = () => {
    streaming.set(false);
    lost = true;
    // Each time: a server that is about to go still answers right after it ended the stream.
    ends.onLoss();
    // After a cut the browser goes on by itself, after a refusal it gives up.
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(timer);
    timer = setTimeout(open, waitBefore(tries, Math.random()));
    tries += 1;
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
    streaming.set(false);
  };
}
