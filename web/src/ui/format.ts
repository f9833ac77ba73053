// Figures and words for people. Pure.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A length in bytes, in the largest unit that leaves at least one of it. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit] ?? 'B'}`;
}

/** Seconds, with three digits that matter. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  return `${(seconds * 1000).toPrecision(3)} ms`;
}

/** A count, with its digits in groups. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** `1 release`, `2 releases`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : nouns}`;
}

/** A word of the API (`max_abs_error`), for people. */
export function words(identifier: string): string {
  const text = identifier.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Somebody's words as a sentence: with a capital and a full stop. */
export function sentence(text: string): string {
  const full = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(full) ? full : `${full}.`;
}

function formatNumber(value: number): string {
  if (Number.isInteger(value)) return formatCount(value);
  const size = Math.abs(value);
  return size < 0.001 || size >= 100_000 ? value.toExponential(2) : String(+value.toPrecision(4));
}

function formatFields(fields: readonly (readonly [string, unknown])[]): string {
  if (fields.length === 0) return 'none';
  const nested = fields.some(
    ([, value]) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  const parts = fields.map(([name, value]) => `${name}${nested ? ':' : ''} ${formatFigure(value)}`);
  return parts.join(nested ? '; ' : ', ');
}

/** A figure of a check, whatever JSON it is. */
export function formatFigure(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    if (items.length === 0) return 'none';
    // A list of whole numbers is a shape.
    if (items.every((item) => Number.isInteger(item))) return items.join(' × ');
    return items.map(formatFigure).join(', ');
  }
  if (typeof value === 'object') return formatFields(Object.entries(value));
  return JSON.stringify(value);
}

const STEPS = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const satisfies readonly (readonly [Intl.RelativeTimeFormatUnit, number])[];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** How long ago, or in how long. */
export function formatAgo(time: Date, now: Date): string {
  const seconds = (time.getTime() - now.getTime()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}

/** The start of a digest, enough to tell two apart. */
export function shortDigest(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}
