// Lays drawings out, in a worker: the page goes on meanwhile.

import { queryOptions } from '@tanstack/react-query';
import ELK, { type ELK as Elk } from 'elkjs/lib/elk-api';
// The file as it is: the server's policy admits workers from its own files, and this one evaluates nothing.
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import type { Drawing } from './drawing';
import { fromElk, type Scene, toElk } from './elk';

// Begun before there is anything to lay out: a worker takes its time to start.
let elk: Elk | null = newElk();

function newElk(): Elk {
  return new ELK({ algorithms: ['layered'], workerFactory: () => new Worker(workerUrl) });
}

/** Where everything of a drawing stands. */
export function layoutQuery(drawing: Drawing) {
  return queryOptions({
    queryKey: ['lineage-layout', drawing.signature],
    queryFn: ({ signal }) => layOut(drawing, signal),
    // Nothing that happens makes it old.
    staleTime: 'static',
    gcTime: 5 * 60_000,
    retry: false,
    // The same drawing again is drawn as it was.
    structuralSharing: false,
  });
}

async function layOut(drawing: Drawing, signal: AbortSignal): Promise<Scene> {
  const used = (elk ??= newElk());
  // A layout cannot be stopped, but its worker can.
  const stop = () => {
    used.terminateWorker();
    if (elk === used) elk = null;
  };
  signal.addEventListener('abort', stop);
  try {
    return fromElk(await used.layout(toElk(drawing)), drawing);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
