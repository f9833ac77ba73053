// The parts of a page of which one is shown: links, so that each has an address.

import { Link, type RegisteredRouter, type useSearch } from '@tanstack/react-router';
import { X } from 'lucide-react';
import classes from './PageTabs.module.css';

/** What addresses say, of whatever page. */
type AnySearch = ReturnType<typeof useSearch<RegisteredRouter, undefined, false>>;

export type TabId = NonNullable<AnySearch['tab']>;

export interface PageTab {
  /** As it stands in the address; the first tab's does not. */
  readonly id: TabId;
  readonly title: string;
  readonly count?: number | undefined;
  /** Whether something there refuses. */
  readonly bad?: boolean;
}

export interface PageTabsProps {
  /** Of what they are parts. */
  readonly label: string;
  readonly tabs: readonly PageTab[];
}

/** Every page with tabs keeps the one that is shown as `tab` in its address. */
export function PageTabs({ label, tabs }: PageTabsProps) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      <ul>
        {tabs.map(({ id, title, count, bad }, at) => (
          <li key={id}>
            <Link
              to="."
              search={(before) => ({ ...before, tab: at === 0 ? undefined : id })}
              resetScroll={false}
              // Of links to the same path only the one to what is shown is the current one.
              activeOptions={{ exact: true, includeSearch: true }}
            >
              {bad && <X size={14} strokeWidth={2.5} aria-label="Refused" />}
              {title}
              {count !== undefined && count > 0 && <span className={classes.count}>{count}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
