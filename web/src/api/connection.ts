// Whether the server answers.

import { newStore } from './store';

export type Connection = 'there' | 'lost' | 'back';

/** `back` from the first answer after a loss, until somebody has seen it. */
export const connection = newStore<Connection>('there');

export function answered(): void {
  if (connection.get() === 'lost') connection.set('back');
}

export function unanswered(): void {
  connection.set('lost');
}

let ahead = 0;

/** What time it is on the server. */
export function now(): number {
  return Date.now() + ahead;
}

export function readClock(response: Response): void {
  const date = Date.parse(response.headers.get('Date') ?? '');
  if (!Number.isNaN(date)) ahead = date - Date.now();
}

/** What a proxy says when there is nobody behind it. */
export function isNobody(response: Response): boolean {
  const ours = response.headers.get('Content-Type')?.includes('json') ?? false;
  return [502, 503, 504].includes(response.status) && !ours;
}
