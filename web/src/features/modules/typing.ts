// What one types, while the address follows behind: no answer of the router takes a letter back. Pure.

export interface Typing {
  /** What stands in the box. */
  readonly text: string;
  /** What the address said last. */
  readonly address: string;
  /** What was sent to the address and has not arrived there. */
  readonly sent: readonly string[];
}

export type TypingStep =
  | { readonly did: 'type'; readonly text: string }
  | { readonly did: 'send'; readonly query: string }
  | { readonly did: 'arrive'; readonly address: string }
  | { readonly did: 'leave' };

export function startTyping(address: string): Typing {
  return { text: address, address, sent: [] };
}

export function typing(state: Typing, step: TypingStep): Typing {
  switch (step.did) {
    case 'type':
      return { ...state, text: step.text };
    case 'send':
      return { ...state, sent: [...state.sent, step.query] };
    case 'arrive':
      return arrived(state, step.address);
    case 'leave':
      return { ...state, sent: [] };
  }
}

/** What we sent ourselves is behind what stands in the box; anything else came by a link, back or forward. */
function arrived(state: Typing, address: string): Typing {
  const at = state.sent.indexOf(address);
  if (at < 0) return startTyping(address);
  return { ...state, address, sent: state.sent.slice(at + 1) };
}
