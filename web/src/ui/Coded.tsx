// A sentence of the server: what it puts into backticks is a name, and looks like one.

import { codedParts } from './coded';

export function Coded({ text }: { readonly text: string }) {
  return codedParts(text).map(({ text: part, isCode }, at) =>
    isCode ? <code key={at}>{part}</code> : part,
  );
}
