// A stream of events that a test holds in its hand.

import { act } from '@testing-library/react';
import { vi } from 'vitest';
import type { EventView } from '@/api/types';

export class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeEventSource[] = [];

  readonly url: string;
  readyState = 0;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.opened.push(this);
  }

  close(): void {
    this.readyState = 2;
  }

  open(): void {
    this.readyState = 1;
    this.#tell(new Event('open'));
  }

  /** As when the network breaks (the browser goes on) or the server refuses (it gives up). */
  fail({ forGood }: { readonly forGood: boolean }): void {
    this.readyState = forGood ? 2 : 0;
    this.#tell(new Event('error'));
  }

  send(event: EventView): void {
    const message = new MessageEvent(event.kind, {
      data: JSON.stringify(event),
      lastEventId: event.id,
    });
    this.#tell(message);
  }

  #tell(event: Event): void {
    act(() => {
      this.dispatchEvent(event);
    });
  }
}

/** From here to the end of the test, pages hear from these; answers with the latest. */
export function mockEvents(): () => FakeEventSource {
  FakeEventSource.opened = [];
  vi.stubGlobal('EventSource', FakeEventSource);
  return () => {
    const latest = FakeEventSource.opened.at(-1);
    if (!latest) throw new Error('no stream was opened');
    return latest;
  };
}

/** An event of that kind, now. */
export function newEvent(
  kind: string,
  fields: Partial<Omit<EventView, 'data'>> & { readonly data?: object } = {},
): EventView {
  return {
    id: '7',
    happened_at: new Date().toISOString(),
    kind,
    module: 'acme/topics',
    version: '1.1.0',
    actor: null,
    ...fields,
    data: (fields.data ?? {}) as EventView['data'],
  };
}
