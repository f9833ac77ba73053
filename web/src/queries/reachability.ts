// A server that is gone is asked for until it is back, and then what is shown is brought up to date.

import { noop, type QueryClient } from '@tanstack/react-query';
import { connection, unanswered } from '@/api/connection';
import { askWho } from '@/api/send';

const EVERY_MS = 4000;

/** Answers with what ends it. */
export function followConnection(queryClient: QueryClient): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const ask = () => {
    // Whether there is an answer is noted on the way.
    askWho().catch(noop);
  };
  const look = () => {
    clearInterval(timer);
    if (connection.get() === 'lost') timer = setInterval(ask, EVERY_MS);
    if (connection.get() === 'back') void queryClient.invalidateQueries();
  };
  const ends = connection.subscribe(look);
  window.addEventListener('offline', unanswered);
  window.addEventListener('online', ask);
  return () => {
    ends();
    clearInterval(timer);
    window.removeEventListener('offline', unanswered);
    window.removeEventListener('online', ask);
  };
}
