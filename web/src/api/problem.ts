// What went wrong, always with a code, a detail and a remedy, even when the server could not say so.

import type { components } from './schema';

type Body = components['schemas']['Problem'];

/** A refusal of the API (RFC 9457), or our words for an answer that is none. */
export class Problem extends Error {
  readonly body: Body;

  constructor(body: Body) {
    super(body.detail);
    this.name = 'Problem';
    this.body = body;
  }

  get code(): string {
    return this.body.code;
  }

  get status(): number {
    return this.body.status;
  }

  get retryable(): boolean {
    return this.body.retryable;
  }
}

function isBody(value: unknown): value is Body {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    typeof fields.code === 'string' &&
    typeof fields.detail === 'string' &&
    typeof fields.remedy === 'string' &&
    typeof fields.status === 'number'
  );
}

/** The problem in the body of an answer with that status. */
export function fromAnswer(status: number, body: unknown): Problem {
  if (isBody(body)) return new Problem(body);
  return new Problem({
    type: 'about:blank',
    title: 'The answer is not one of Cambium',
    status,
    code: 'unexpected_answer',
    detail: `Something between this page and the server answered with status ${status}.`,
    remedy: 'Check the proxy in front of the server, then try again.',
    retryable: status >= 500,
  });
}

/** Whatever was thrown, as a problem. */
export function fromThrown(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  // What fetch throws when there is no answer at all.
  if (thrown instanceof TypeError && /fetch|network|load failed/i.test(thrown.message)) {
    return new Problem({
      type: 'about:blank',
      title: 'The server does not answer',
      status: 0,
      code: 'server_unreachable',
      detail: 'This page got no answer from the server.',
      remedy: 'Check that the server runs and that this machine reaches it, then try again.',
      retryable: true,
    });
  }
  return new Problem({
    type: 'about:blank',
    title: 'This page has a bug',
    status: 0,
    code: 'page_failed',
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    remedy: 'Reload the page; if it stays, report it with the address and these words.',
    retryable: false,
  });
}
