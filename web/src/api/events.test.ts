import { afterEach, expect, test, vi } from 'vitest';
import { FakeEventSource, mockEvents, newEvent } from '@/test/fakeEventSource';
import { openStream, readEvent, streaming, waitBefore } from './events';

function follow() {
  const latest = mockEvents();
  const ends = { onEvent: vi.fn(), onGap: vi.fn(), onLoss: vi.fn() };
  return { ...ends, latest, close: openStream(ends, { after: '7-1' }) };
}

afterEach(() => {
  vi.useRealTimers();
});

test('an event is told with its facts', () => {
  const { latest, onEvent, onGap } = follow();
  latest().open();
  latest().send(newEvent('channel.moved', { data: { to: '1.1.0' } }));
  expect(onEvent).toHaveBeenCalledWith(
    expect.objectContaining({ kind: 'channel.moved', data: { to: '1.1.0' } }),
  );
  expect(onGap).not.toHaveBeenCalled();
  expect(streaming.get()).toBe(true);
});

test('after a cut the browser goes on by itself; each failure is told, and the gap', () => {
  const { latest, onGap, onLoss } = follow();
  latest().open();
  latest().fail({ forGood: false });
  latest().fail({ forGood: false });
  expect(onLoss).toHaveBeenCalledTimes(2);
  expect(streaming.get()).toBe(false);
  latest().open();
  expect(onGap).toHaveBeenCalledTimes(1);
  expect(FakeEventSource.opened).toHaveLength(1);
});

test('a stream that was refused is opened anew, behind the last event', () => {
  vi.useFakeTimers();
  const { latest, onGap } = follow();
  latest().open();
  expect(latest().url).toBe('/api/v1/events?after=7-1');
  latest().send(newEvent('channel.moved', { id: '8-3' }));
  latest().fail({ forGood: true });
  vi.advanceTimersByTime(1000);
  expect(FakeEventSource.opened).toHaveLength(2);
  expect(latest().url).toBe('/api/v1/events?after=8-3');
  latest().open();
  expect(onGap).toHaveBeenCalledTimes(1);
});

test('what is closed stays closed', () => {
  vi.useFakeTimers();
  const { latest, close } = follow();
  latest().fail({ forGood: true });
  close();
  vi.advanceTimersByTime(120_000);
  expect(FakeEventSource.opened).toHaveLength(1);
});

test('it waits longer and longer, but not for ever, and not all at once', () => {
  expect(waitBefore(0, 1)).toBe(1000);
  expect(waitBefore(0, 0)).toBe(500);
  expect(waitBefore(3, 1)).toBe(8000);
  expect(waitBefore(30, 1)).toBe(30_000);
});

test('what is no event is left alone', () => {
  expect(readEvent('no JSON')).toBeNull();
  expect(readEvent('null')).toBeNull();
  expect(readEvent('{"kind":1}')).toBeNull();
  expect(readEvent(undefined)).toBeNull();
});
