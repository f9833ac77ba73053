// Attach points that differ, by layer: hundreds of them, found by name and by what became of them.

import { TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useState } from 'react';
import type { AttachPointChange, Change } from '@/api/types';
import { Choices } from '@/ui/Choices';
import { formatCount, plural } from '@/ui/format';
import { groupsOf, type PointGroup, pointsThatFit, pointText } from './attach';
import classes from './AttachPoints.module.css';
import { tally } from './differ';
import { Same } from './Same';
import { ChangeSign } from './ChangeSign';
import type { Titles } from './SideBySide';

export interface AttachPointsProps {
  readonly points: readonly AttachPointChange[];
  /** How many are the same. */
  readonly same: number;
  readonly titles: Titles;
}

type Kind = Exclude<Change, 'same'> | 'any';

const KINDS: readonly { value: Kind; label: string }[] = [
  { value: 'any', label: 'All' },
  { value: 'added', label: '+ Added' },
  { value: 'removed', label: '− Removed' },
  { value: 'changed', label: '~ Changed' },
];

/** So few groups are open from the start. */
const FEW = 3;
/** So many rows at once; who wants another writes more of its name. */
const AT_ONCE = 500;

export function AttachPoints({ points, same, titles }: AttachPointsProps) {
  const [text, setText] = useState('');
  const [kind, setKind] = useState<Kind>('any');
  const found = pointsThatFit(points, { text, change: kind === 'any' ? null : kind });
  const groups = groupsOf(found);
  const open = groups.length <= FEW || text.trim() !== '';
  return (
    <div className={classes.points}>
      <div className={classes.head}>
        <h3>Attach points</h3>
        <span>{points.length > 0 && `${formatCount(same)} the same`}</span>
      </div>
      {points.length === 0 ? (
        <Same>{plural(same, 'attach point')}, the same in both.</Same>
      ) : (
        <>
          <div className={classes.filter}>
            <TextInput
              size="xs"
              type="search"
              aria-label="Search attach points"
              placeholder="Search by name"
              leftSection={<Search size={14} aria-hidden />}
              value={text}
              onChange={(event) => {
                setText(event.currentTarget.value);
              }}
            />
            <Choices label="What became of them" value={kind} choices={KINDS} onChange={setKind} />
            <span role="status">{formatCount(found.length)} shown</span>
          </div>
          {groups.map((group) => (
            <Group key={`${group.prefix} ${open}`} group={group} open={open} titles={titles} />
          ))}
          {groups.length === 0 && <p className={classes.none}>No attach point fits.</p>}
        </>
      )}
    </div>
  );
}

interface GroupProps {
  readonly group: PointGroup;
  readonly open: boolean;
  readonly titles: Titles;
}

/** What is in a group is put there when it is opened. */
function Group({ group: { prefix, points }, open, titles }: GroupProps) {
  const [opened, setOpened] = useState(open);
  return (
    <details
      className={classes.group}
      open={opened}
      onToggle={(event) => {
        setOpened(event.currentTarget.open);
      }}
    >
      <summary>
        <code>{prefix}</code> <span>{tally(points.map(({ change }) => change))}</span>
      </summary>
      {opened && (
        <ul>
          {points.slice(0, AT_ONCE).map((point) => (
            <Point key={point.name} point={point} prefix={prefix} titles={titles} />
          ))}
          {points.length > AT_ONCE && (
            <li className={classes.none}>
              And {formatCount(points.length - AT_ONCE)} more: search for part of the name.
            </li>
          )}
        </ul>
      )}
    </details>
  );
}

interface PointProps {
  readonly point: AttachPointChange;
  readonly prefix: string;
  readonly titles: Titles;
}

function Point({ point: { name, change, before, after }, prefix, titles }: PointProps) {
  const rest = name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name;
  return (
    <li>
      <ChangeSign change={change} />
      <code title={name}>{rest}</code>
      <span className={classes.shapes}>
        {before && (
          <>
            <span className={classes.heard}>In {titles.from}: </span>
            {pointText(before)}
          </>
        )}
        {before && after && <span aria-hidden> → </span>}
        {after && (
          <>
            <span className={classes.heard}>In {titles.to}: </span>
            {pointText(after)}
          </>
        )}
      </span>
    </li>
  );
}
