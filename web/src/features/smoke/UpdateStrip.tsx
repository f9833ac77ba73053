// The layers of a stack as columns, the roles in them as rows, a bar in each field. Fields are gone
// through with the arrow keys, or pointed at: what they show exactly is said below.

import { type CSSProperties, type KeyboardEvent, useId, useState } from 'react';
import type { Update } from '@/api/types';
import { plural } from '@/ui/format';
import { formatAmount } from './amounts';
import { type Cell, cellAfter } from './cells';
import { fullOf, type Measure, type Strip } from './updates';
import { UpdateField } from './UpdateField';
import classes from './UpdateStrip.module.css';

export interface UpdateStripProps {
  readonly strip: Strip;
  /** Of all strips: their bars are measured alike. */
  readonly updates: readonly Update[];
  readonly measure: Measure;
}

/** Experts can be many; what is not drawn stands in the table. */
const MOST_ROWS = 24;

export function UpdateStrip({ strip, updates, measure }: UpdateStripProps) {
  const id = useId();
  const [active, setActive] = useState<Cell | null>(null);
  const full = fullOf(updates, measure);
  const rows = strip.rows.slice(0, MOST_ROWS);
  // Numbers of many layers would run into each other.
  const every = strip.layers > 30 ? 5 : 1;
  const words = `${strip.stack || 'Layers'}: ${plural(strip.layers, 'layer')}`;
  const idOf = ({ row, layer }: Cell) => `${id}-${row}-${layer}`;
  const onKeyDown = (event: KeyboardEvent) => {
    const next = cellAfter(event.key, active, rows.length, strip.layers);
    if (!next) return;
    event.preventDefault();
    setActive(next);
    document.getElementById(idOf(next))?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  return (
    <div className={classes.strip}>
      <div
        role="grid"
        aria-label={words}
        tabIndex={0}
        aria-activedescendant={active ? idOf(active) : undefined}
        className={classes.grid}
        style={{ '--layers': strip.layers } as CSSProperties}
        onKeyDown={onKeyDown}
        onFocus={() => {
          setActive((before) => before ?? { row: 0, layer: 0 });
        }}
      >
        <div role="row" className={classes.row}>
          <span role="columnheader" className={classes.role}>
            Layer
          </span>
          {Array.from({ length: strip.layers }, (_, layer) => (
            <span key={layer} role="columnheader" className={classes.layer}>
              <span className={layer % every === 0 ? undefined : classes.hidden}>{layer}</span>
            </span>
          ))}
        </div>
        {rows.map(({ role, word, cells }, row) => (
          <div key={role} role="row" className={classes.row}>
            <span role="rowheader" className={classes.role} title={role}>
              {word}
            </span>
            {cells.map((update, layer) => (
              <UpdateField
                key={layer}
                id={idOf({ row, layer })}
                update={update}
                measure={measure}
                full={full}
                isActive={active?.row === row && active.layer === layer}
                onPoint={() => {
                  setActive({ row, layer });
                }}
              />
            ))}
          </div>
        ))}
      </div>
      <p className={classes.said}>
        <Said cell={active} strip={strip} measure={measure} />
        {strip.rows.length > rows.length &&
          ` ${plural(strip.rows.length - rows.length, 'more role')} in the figures below.`}
      </p>
    </div>
  );
}

interface SaidProps {
  readonly cell: Cell | null;
  readonly strip: Strip;
  readonly measure: Measure;
}

/** What the field that is pointed at shows. */
function Said({ cell, strip, measure }: SaidProps) {
  const row = cell && strip.rows[cell.row];
  if (!row) return <>Point at a field, or go through them with the arrow keys.</>;
  const update = row.cells[cell.layer];
  if (!update) {
    return (
      <>
        {row.word} of layer {cell.layer}: unchanged
      </>
    );
  }
  return (
    <>
      <strong>{formatAmount(update, measure) ?? 'not measured'}</strong>{' '}
      <code>{update.parameter}</code>
    </>
  );
}
