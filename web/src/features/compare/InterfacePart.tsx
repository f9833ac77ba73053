// What became of the interface: ports side by side, and what adapters hold on to.

import type { Change, Comparison, Port } from '@/api/types';
import { plural } from '@/ui/format';
import { Section } from '@/ui/Section';
import { AttachPoints } from './AttachPoints';
import { portParts, tally, wanted } from './differ';
import classes from './InterfacePart.module.css';
import { Same } from './Same';
import { SideBySide, type SideRow, type Titles } from './SideBySide';

export interface InterfacePartProps {
  readonly change: Comparison['interface'];
  readonly titles: Titles;
  readonly all: boolean;
}

export function InterfacePart({ change, titles, all }: InterfacePartProps) {
  const { ports, attach_points, attach_points_same } = change;
  const facts = [
    factRow('Architecture', change.architecture),
    factRow('Precision', change.precision),
    factRow('Quantisation', change.quantisation),
    factRow('Tokenizer', change.tokenizer),
    factRow('Chat template', change.chat_template),
  ].filter((row) => row !== null);
  const rows = [...facts, ...wanted(ports, all).map(portRow)];
  const changes: Change[] = [
    ...facts.map((row) => row.change),
    ...ports.map((port) => port.change),
    ...attach_points.map((point) => point.change),
  ];
  return (
    <Section title="Interface" aside={tally(changes)}>
      {rows.length > 0 ? (
        <SideBySide label="Ports" what="Port" titles={titles} rows={rows} />
      ) : (
        <Same>
          {ports.length > 0
            ? `${plural(ports.length, 'port')}, the same in both.`
            : 'Neither has ports.'}
        </Same>
      )}
      {attach_points.length + attach_points_same > 0 && (
        <AttachPoints points={attach_points} same={attach_points_same} titles={titles} />
      )}
    </Section>
  );
}

type Both = Comparison['interface']['architecture'];

function factRow(name: string, both: Both): SideRow | null {
  if (!both) return null;
  const [before, after] = both;
  const change = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return { key: name, change, name, before, after };
}

function portRow({
  direction,
  name,
  change,
  before,
  after,
}: Comparison['interface']['ports'][number]) {
  return {
    key: `${direction} ${name}`,
    change,
    name: (
      <>
        <code>{name}</code> <span className={classes.direction}>{direction}</span>
      </>
    ),
    before: before && <PortText port={before} other={after} />,
    after: after && <PortText port={after} other={before} />,
  };
}

interface PortTextProps {
  readonly port: Port;
  readonly other: Port | null | undefined;
}

function PortText({ port, other }: PortTextProps) {
  return (
    <ul className={classes.parts}>
      {portParts(port, other).map(({ field, text, differs }) => (
        <li key={field}>{differs ? <mark>{text}</mark> : text}</li>
      ))}
    </ul>
  );
}
