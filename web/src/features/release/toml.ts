// A manifest as `cambium.toml`. Pure.

type Table = Readonly<Record<string, unknown>>;

/** Of JSON: tables, lists, texts, numbers, truth values. What is null has no line. */
export function tomlOf(value: object): string {
  return (
    tableOf(value as Table, [])
      .join('\n')
      .trim() + '\n'
  );
}

function tableOf(table: Table, path: readonly string[]): string[] {
  const entries = Object.entries(table).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const lines: string[] = [];
  for (const [key, value] of entries) {
    if (!isTable(value) && !isTables(value)) lines.push(`${keyOf(key)} = ${valueOf(value)}`);
  }
  // Tables end only where another begins, so they come after the values.
  for (const [key, value] of entries) {
    const name = [...path, key];
    if (isTables(value)) {
      for (const item of value)
        lines.push('', `[[${name.map(keyOf).join('.')}]]`, ...tableOf(item, name));
    } else if (isTable(value)) {
      const inner = tableOf(value, name);
      // A table of tables needs no header of its own.
      const header =
        inner.length > 0 && inner[0] === '' ? [] : ['', `[${name.map(keyOf).join('.')}]`];
      lines.push(...header, ...inner);
    }
  }
  return lines;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTables(value: unknown): value is readonly Table[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTable);
}

function keyOf(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : textOf(key);
}

function valueOf(value: unknown): string {
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'number') return numberOf(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(valueOf).join(', ')}]`;
  if (isTable(value)) {
    const inner = Object.entries(value).map(([key, item]) => `${keyOf(key)} = ${valueOf(item)}`);
    return `{ ${inner.join(', ')} }`;
  }
  return textOf(JSON.stringify(value));
}

/** TOML wants digits on both sides of a point, and JSON's exponents are TOML's too. */
function numberOf(value: number): string {
  return Number.isFinite(value) ? String(value).replace('e+', 'e') : 'nan';
}

/** TOML's escapes are JSON's, and DEL has to be escaped too. */
function textOf(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}
