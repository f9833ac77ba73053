// Months in words. Pure.

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
