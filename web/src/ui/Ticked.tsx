// A sentence of the server: what stands between backticks is code.

import { Fragment } from 'react';

export function Ticked({ text }: { readonly text: string }) {
  const parts = text.split('`');
  // A tick without its fellow is a tick.
  if (parts.length % 2 === 0) return text;
  return parts.map((part, index) =>
    index % 2 === 1 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>,
  );
}
