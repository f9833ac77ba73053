// What to do next with a draft, a release on its way, or a refused attempt. Pure.

import type { DraftView } from '@/api/types';
import { plural } from '@/ui/format';

export interface NextStep {
  readonly text: string;
  /** To be typed in a terminal, where there is one; names in capitals are one's own to fill in. */
  readonly commands?: readonly string[];
}

export function nextStepsOf(draft: DraftView): NextStep[] {
  switch (draft.state) {
    case 'draft':
      return draftSteps(draft);
    case 'verifying':
      return [{ text: 'Nothing to do: it is being verified, and this page follows it.' }];
    case 'in_review':
      return [{ text: 'It is verified. A reviewer of its namespace has to approve it.' }];
    case 'rejected':
      return rejectedSteps(draft);
    default:
      return [];
  }
}

const PUBLISH = 'cambium publish DIR';

function draftSteps({ missing_blobs, files }: DraftView): NextStep[] {
  const missing = missing_blobs.length;
  if (missing === 0) {
    return [
      {
        text: 'All of its bytes are here. Publish the folder again: it is submitted, and verified.',
        commands: [PUBLISH],
      },
    ];
  }
  return [
    {
      text: `The bytes of ${missing} of ${plural(files.length, 'file')} are not here yet. Publish the folder again: what is here is not sent twice.`,
      commands: [PUBLISH],
    },
  ];
}

function rejectedSteps({ kind, manifest, version }: DraftView): NextStep[] {
  const steps: NextStep[] = [{ text: 'Correct in its folder what the findings name.' }];
  if (kind === 'backbone') {
    steps.push({
      text: 'See whether it runs, on your own machine.',
      commands: ['cambium smoke DIR'],
    });
  } else if ((manifest.requires ?? []).length > 0) {
    steps.push({
      text: 'See whether it runs on what it attaches to, on your own machine.',
      commands: ['cambium smoke BACKBONE_DIR --with DIR'],
    });
  }
  steps.push({
    text: `Publish the folder again. The version ${version} is still free: a refused attempt does not use it up.`,
    commands: [PUBLISH],
  });
  return steps;
}
