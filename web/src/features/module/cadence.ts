// Months and how often something comes, in words. Pure.

/** `2026-11` as a name; narrow is its first letter. */
export function monthName(month: string, width: 'long' | 'narrow'): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const format = new Intl.DateTimeFormat('en', {
    month: width,
    ...(width === 'long' && { year: 'numeric' }),
    timeZone: 'UTC',
  });
  return format.format(new Date(Date.UTC(year, number - 1, 1)));
}

/** From the median of the days between one release and the next. */
export function rhythm(medianDays: number | null | undefined): string {
  if (typeof medianDays !== 'number') return 'Too few releases to tell how often one comes.';
  const days = Math.round(medianDays * 10) / 10;
  if (days < 1) return 'Releases come less than a day apart, by the median.';
  return `A release every ${days === 1 ? 'day' : `${days} days`}, by the median.`;
}
