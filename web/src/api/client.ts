// The one way to the server.

import createClient from 'openapi-fetch';
import type { paths } from './schema';
import { fromAnswer, fromThrown } from './problem';
import { send } from './send';

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: send,
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer, or a thrown problem. */
export async function bodyOf<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch (thrown) {
    throw fromThrown(thrown);
  }
  if (answer.data === undefined) throw fromAnswer(answer.response.status, answer.error);
  return answer.data;
}

/** For calls whose answer has no body: thrown where they are refused. */
export async function done(request: Promise<Answer<unknown>>): Promise<void> {
  let answer: Answer<unknown>;
  try {
    answer = await request;
  } catch (thrown) {
    throw fromThrown(thrown);
  }
  if (!answer.response.ok) throw fromAnswer(answer.response.status, answer.error);
}

/** As `bodyOf`, with null where the server says that there is none. */
export async function bodyOrNull<T>(request: Promise<Answer<T>>): Promise<T | null> {
  try {
    return await bodyOf(request);
  } catch (problem) {
    if (fromThrown(problem).status === 404) return null;
    throw problem;
  }
}

/** Where the bytes of a file of a release are. */
export function fileUrl(module: ModulePath, version: string, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const { namespace, name } = module;
  return `/api/v1/modules/${namespace}/${name}/releases/${encodeURIComponent(version)}/files/${encoded}`;
}

/** The two parts of a module's name. */
export interface ModulePath {
  readonly namespace: string;
  readonly name: string;
}
