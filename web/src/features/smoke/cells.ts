// Going through the fields of a strip with the keyboard. Pure.

export interface Cell {
  readonly row: number;
  readonly layer: number;
}

/** Null for keys that go nowhere. */
export function cellAfter(
  key: string,
  from: Cell | null,
  rows: number,
  layers: number,
): Cell | null {
  const { row, layer } = from ?? { row: 0, layer: 0 };
  switch (key) {
    case 'ArrowRight':
      return { row, layer: Math.min(layers - 1, layer + 1) };
    case 'ArrowLeft':
      return { row, layer: Math.max(0, layer - 1) };
    case 'ArrowDown':
      return { row: Math.min(rows - 1, row + 1), layer };
    case 'ArrowUp':
      return { row: Math.max(0, row - 1), layer };
    case 'Home':
      return { row, layer: 0 };
    case 'End':
      return { row, layer: layers - 1 };
    default:
      return null;
  }
}
