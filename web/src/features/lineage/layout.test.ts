import { QueryObserver } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { newQueryClient } from '@/queries/client';
import { graphOf } from '@/test/bigGraph';
import { drawingOf } from './drawing';
import { layoutQuery } from './layout';
import { merge } from './net';

const { layout } = vi.hoisted(() => ({ layout: vi.fn() }));
vi.mock('elkjs/lib/elk-api', () => ({
  default: class {
    layout = layout;
    terminateWorker = () => undefined;
  },
}));
vi.mock('elkjs/lib/elk-worker.min.js?url', () => ({ default: 'worker.js' }));

test('a drawing is laid out once, whatever happens in the registry', async () => {
  layout.mockImplementation((graph: object) =>
    Promise.resolve({ ...graph, children: [], edges: [], width: 1, height: 1 }),
  );
  const graph = graphOf('acme/a@1.0.0', [['acme/a@1.0.0', 'parent', 'acme/b@1.0.0']]);
  const drawing = drawingOf(merge([graph]), { grouped: false, open: new Set() });
  const queryClient = newQueryClient();
  const ends = new QueryObserver(queryClient, layoutQuery(drawing)).subscribe(() => undefined);
  await vi.waitFor(() => {
    expect(queryClient.getQueryData(layoutQuery(drawing).queryKey)).toBeTruthy();
  });
  await queryClient.invalidateQueries();
  expect(layout).toHaveBeenCalledTimes(1);
  ends();
});
