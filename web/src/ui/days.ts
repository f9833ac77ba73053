// What happened, by day. Pure.

export interface Day<T> {
  /** `2026-11-23`, where the reader is. */
  readonly date: string;
  /** As it is called today. */
  readonly title: string;
  readonly items: readonly T[];
}

/** In the order in which they come, which is the newest first. */
export function byDay<T>(
  items: readonly T[],
  atOf: (item: T) => string,
  now: Date,
  timeZone?: string,
): Day<T>[] {
  const format = dateFormat(timeZone);
  const today = format.format(now);
  const days: { date: string; title: string; items: T[] }[] = [];
  for (const item of items) {
    const date = format.format(new Date(atOf(item)));
    const last = days.at(-1);
    if (last?.date === date) last.items.push(item);
    else days.push({ date, title: titleOf(date, today), items: [item] });
  }
  return days;
}

/** Sweden writes dates as everybody sorts them. */
function dateFormat(timeZone?: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('sv', { dateStyle: 'short', ...(timeZone && { timeZone }) });
}

const long = new Intl.DateTimeFormat('en', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

function titleOf(date: string, today: string): string {
  if (date === today) return 'Today';
  // By the calendar: where clocks change, a day has not always 24 hours.
  const yesterday = noonOf(today);
  yesterday.setUTCDate(yesterday.getUTCDate() - 1);
  if (date === yesterday.toISOString().slice(0, 10)) return 'Yesterday';
  return long.format(noonOf(date));
}

function noonOf(date: string): Date {
  return new Date(`${date}T12:00:00Z`);
}
