// A digest: shown short, copied whole.

import { CopyButton } from './CopyButton';
import { shortDigest } from './format';

export function CopyDigest({ digest }: { readonly digest: string }) {
  return (
    <CopyButton text={digest} label={`Copy digest ${digest}`}>
      <code>{shortDigest(digest)}</code>
    </CopyButton>
  );
}
