// What of a report is shown how: kept in the address. Pure.

import { type Measure, MEASURES } from './updates';

export interface ReportView {
  /** Of updates; the relative norm when absent. */
  readonly measure?: Measure | undefined;
}

export function readReportView(search: Record<string, unknown>): ReportView {
  const measure = MEASURES.find((known) => known === search.measure);
  return measure && measure !== 'relative' ? { measure } : {};
}
