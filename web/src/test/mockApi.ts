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

type Problem = components['schemas']['Problem'];

/** By path, as it stands in the API's description. A function sees the address that was asked for. */
export type Answers = {
  [P in keyof paths]?:
    BodyOf<P> | Refusal | ((url: URL) => BodyOf<P> | Refusal | Promise<BodyOf<P>>);
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
  const routes = Object.entries(answers).map(([path, answer]) => [pattern(path), answer] as const);
  vi.stubGlobal('fetch', async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const answer: unknown = routes.find(([route]) => route.test(url.pathname))?.[1];
    const body: unknown = typeof answer === 'function' ? await (answer as Asked)(url) : answer;
    return respond(body ?? new Refusal({ status: 404, code: 'not_found' }));
  });
}

type Asked = (url: URL) => unknown;

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

function respond(body: unknown): Response {
  if (body instanceof Refusal) {
    return Response.json(body.problem, {
      status: body.problem.status,
      headers: { 'Content-Type': 'application/problem+json' },
    });
  }
  return Response.json(body);
}
