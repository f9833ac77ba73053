// Which part of a release is shown, and how: kept in the address. Pure.

import { readReportView, type ReportView } from '@/features/smoke/view';

export const TABS = ['overview', 'smoke', 'interface', 'files', 'provenance', 'findings'] as const;
export type Tab = (typeof TABS)[number];

const FORMS = ['read', 'toml', 'json'] as const;
export type Form = (typeof FORMS)[number];

export interface ReleaseSearch extends ReportView {
  /** The overview when absent. */
  readonly tab?: Tab | undefined;
  /** What is sought among the attach points. */
  readonly find?: string | undefined;
  /** How the manifest is written; for reading when absent. */
  readonly manifest?: Form | undefined;
}

export function readForm(search: Record<string, unknown>): { readonly manifest?: Form } {
  const manifest = FORMS.find((known) => known === search.manifest);
  return manifest && manifest !== 'read' ? { manifest } : {};
}

/** What is unknown, or says what holds anyhow, is left out. */
export function readReleaseSearch(search: Record<string, unknown>): ReleaseSearch {
  const tab = TABS.find((known) => known === search.tab);
  // The router reads `42` as a number.
  const find = ['string', 'number'].includes(typeof search.find) ? String(search.find) : '';
  return {
    ...(tab && tab !== 'overview' && { tab }),
    ...(find && { find }),
    ...readForm(search),
    ...readReportView(search),
  };
}
