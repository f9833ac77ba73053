// The pages that the navigation, the palette and the shortcuts lead to.

import { Activity, Boxes, GitFork, LayoutDashboard, type LucideIcon } from 'lucide-react';

export interface Place {
  readonly path: string;
  readonly title: string;
  readonly icon: LucideIcon;
  /** Pressed after `g`. */
  readonly key: string;
}

export const PLACES: readonly Place[] = [
  { path: '/', title: 'Overview', icon: LayoutDashboard, key: 'o' },
  { path: '/modules', title: 'Modules', icon: Boxes, key: 'm' },
  { path: '/lineage', title: 'Lineage', icon: GitFork, key: 'l' },
  { path: '/activity', title: 'Activity', icon: Activity, key: 'a' },
];

/** Whether the page at that address belongs to the place. */
export function isWithin(place: Place, pathname: string): boolean {
  if (place.path === '/') return pathname === '/';
  return pathname === place.path || pathname.startsWith(`${place.path}/`);
}
