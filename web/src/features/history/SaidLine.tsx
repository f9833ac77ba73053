// A sentence with its links.

import { Fragment } from 'react';
import { PathLink } from '@/features/shell/PathLink';
import type { Said } from './said';

export function SaidLine({ said }: { readonly said: Said }) {
  return said.pieces.map((piece, index) =>
    typeof piece === 'string' ? (
      <Fragment key={index}>{piece}</Fragment>
    ) : (
      <PathLink key={index} path={piece.path}>
        {piece.text}
      </PathLink>
    ),
  );
}
