// A moment, as long ago as it is; the exact one stands in the title and for machines.

import { formatAgo } from './format';

export function Ago({ at }: { readonly at: string }) {
  const time = new Date(at);
  return (
    <time dateTime={at} title={time.toLocaleString()}>
      {formatAgo(time, new Date())}
    </time>
  );
}
