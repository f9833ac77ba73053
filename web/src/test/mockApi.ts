// Answers in the server's place, with bodies that the schema admits.

import { vi } from 'vitest';
import type { components, paths } from '@/api/schema';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;

/** What a GET of that path answers. */
type BodyOf<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: infer Answer } };
}
  ? Json<Answer>
  : never;

type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a call that changes something answers; undefined where there is no body. */
type ChangeOf<P extends keyof paths, M extends Method> = paths[P][Lowercase<M>] extends {
  responses: infer Answers;
}
  ? Answers extends { 200: infer Answer }
    ? Json<Answer>
    : Answers extends { 201: infer Answer }
      ? Json<Answer>
      : undefined
  : never;

type Problem = components['schemas']['Problem'];

type Maybe<Body> = Body | Refusal | Promise<Body | Refusal>;

/**
 * By path, as it stands in the API's description, with the method before it where it is no GET. A
 * function sees the address that was asked for, and the body and the headers that were sent.
 */
export type Answers = {
  [P in keyof paths]?: BodyOf<P> | Refusal | ((url: URL) => Maybe<BodyOf<P>>);
} & {
  [
    Call in `${Method} ${keyof paths}`
  ]?: Call extends `${infer M extends Method} ${infer P extends keyof paths}`
    ? Refusal | ((url: URL, sent: unknown, headers: Headers) => Maybe<ChangeOf<P, M>>)
    : never;
};

export class Refusal {
  readonly problem: Problem;

  constructor(problem: Pick<Problem, 'status' | 'code'> & Partial<Problem>) {
    this.problem = {
      type: `/docs/problems#${problem.code}`,
      title: 'It is refused',
      detail: 'The detail of it.',
      remedy: 'The remedy for it.',
      retryable: false,
      ...problem,
    };
  }
}

/** From here to the end of the test, requests get these answers; others are refused as not found. */
export function mockApi(answers: Answers): void {
  const routes = Object.entries({ ...NOBODY, ...answers }).map(
    ([call, answer]) => [pattern(call), answer] as const,
  );
  vi.stubGlobal('fetch', async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const called = `${request.method} ${url.pathname}`;
    const found = routes.find(([route]) => route.test(called));
    if (!found) return respond(new Refusal({ status: 404, code: 'not_found' }));
    const [, answer] = found as [RegExp, unknown];
    return respond(
      typeof answer === 'function'
        ? await (answer as Asked)(url, await sent(request), request.headers)
        : answer,
    );
  });
}

/** Unless a test says otherwise, nobody signed in. */
const NOBODY: Answers = {
  '/api/v1/whoami': { actor: null, roles: [], scope: {}, permissions: [], events_after: '7-1' },
};

type Asked = (url: URL, sent: unknown, headers: Headers) => unknown;

function pattern(call: string): RegExp {
  const [first = '', second] = call.split(' ');
  const [method, path] = second === undefined ? ['GET', first] : [first, second];
  return new RegExp(`^${method} ${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

async function sent(request: Request): Promise<unknown> {
  const text = await request.text();
  return text === '' ? undefined : JSON.parse(text);
}

function respond(body: unknown): Response {
  if (body === undefined) return new Response(null, { status: 204 });
  if (body instanceof Refusal) {
    return Response.json(body.problem, {
      status: body.problem.status,
      headers: { 'Content-Type': 'application/problem+json' },
    });
  }
  return Response.json(body);
}
