// What the browser itself tells of a page: paint times, bytes, and how long it was busy in one go.

import type { Page } from '@playwright/test';

export interface Load {
  /** Milliseconds from the start of the navigation. */
  readonly firstPaint: number;
  readonly largestPaint: number;
  /** Milliseconds by which tasks went over 50 ms, summed. */
  readonly blocked: number;
  /** The longest task, in milliseconds; 0 where none took 50. */
  readonly longestTask: number;
  readonly layoutShift: number;
  /** Compressed bytes of scripts. */
  readonly scriptBytes: number;
}

declare global {
  interface Window {
    measured: { largestPaint: number; layoutShift: number; tasks: number[]; frames: number[] };
  }
}

/** Watches every page from its first byte. To be called before it is opened. */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.measured = { largestPaint: 0, layoutShift: 0, tasks: [], frames: [] };
    const see = (type: string, take: (entry: PerformanceEntry) => void) => {
      new PerformanceObserver((list) => {
        list.getEntries().forEach(take);
      }).observe({ type, buffered: true });
    };
    see('largest-contentful-paint', (entry) => {
      window.measured.largestPaint = entry.startTime;
    });
    see('layout-shift', (entry) => {
      window.measured.layoutShift += (entry as PerformanceEntry & { value: number }).value;
    });
    see('longtask', (entry) => {
      window.measured.tasks.push(entry.duration);
    });
  });
}

export async function load(page: Page): Promise<Load> {
  return page.evaluate(() => {
    const { largestPaint, layoutShift, tasks } = window.measured;
    const scripts = performance
      .getEntriesByType('resource')
      .filter((entry) => /\.js(\?|$)/.test(entry.name)) as PerformanceResourceTiming[];
    return {
      firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      largestPaint,
      blocked: tasks.reduce((sum, ms) => sum + ms - 50, 0),
      longestTask: Math.max(0, ...tasks),
      layoutShift,
      scriptBytes: scripts.reduce((sum, entry) => sum + entry.encodedBodySize, 0),
    };
  });
}

/** Does something and tells the longest task and the longest time between two frames meanwhile, in milliseconds. */
export async function during(
  page: Page,
  act: () => Promise<void>,
): Promise<{ longestTask: number; longestFrame: number; frames: number }> {
  await page.evaluate(() => {
    window.measured.tasks = [];
    window.measured.frames = [];
    let last = performance.now();
    const tick = (now: number) => {
      window.measured.frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await act();
  return page.evaluate(() => ({
    longestTask: Math.max(0, ...window.measured.tasks),
    longestFrame: Math.max(0, ...window.measured.frames),
    frames: window.measured.frames.length,
  }));
}
