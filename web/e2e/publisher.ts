// Publishes as everybody does: through the API.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import createClient from 'openapi-fetch';
import type { components, paths } from '../src/api/schema';

type Schemas = components['schemas'];
export type Files = ReadonlyMap<string, Uint8Array>;

/** Smoke runs on a busy machine. */
const PATIENCE_MS = 120_000;

export async function filesOf(folder: string, names?: readonly string[]): Promise<Files> {
  const present = names ?? (await readdir(folder));
  const read = present.map(async (name) => [name, await readFile(join(folder, name))] as const);
  return new Map(await Promise.all(read));
}

export class Publisher {
  readonly client;
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
    this.client = createClient<paths>({
      baseUrl: url,
      headers: { Authorization: `Bearer ${token}` },
    });
  }

  /** The release as verifying left it. */
  async publish(manifest: Schemas['Manifest'], files: Files): Promise<Schemas['DraftView']> {
    const path = { id: await this.submit(manifest, files) };
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      const params = { path, query: { wait: 10 } };
      const seen = given(await this.client.GET('/api/v1/drafts/{id}', { params }));
      if (seen.state !== 'verifying') return seen;
    }
    throw new Error(`${manifest.module.name} was not verified in time`);
  }

  /** The id of the draft that is being verified from now on. */
  async submit(manifest: Schemas['Manifest'], files: Files): Promise<string> {
    const entries = [...files].map(([path, bytes]) => ({
      path,
      size: bytes.byteLength,
      digest: digestOf(bytes),
    }));
    const draft = given(
      await this.client.POST('/api/v1/drafts', { body: { manifest, files: entries } }),
    );
    for (const bytes of files.values()) {
      if (draft.missing_blobs.includes(digestOf(bytes))) await this.#upload(bytes);
    }
    const path = { id: draft.id };
    given(await this.client.POST('/api/v1/drafts/{id}/submit', { params: { path } }));
    return draft.id;
  }

  async #upload(bytes: Uint8Array): Promise<void> {
    const body = { digest: digestOf(bytes), size: bytes.byteLength };
    const upload = given(await this.client.POST('/api/v1/uploads', { body }));
    if (!upload.id) return;
    const answer = await fetch(`${this.#url}/api/v1/uploads/${upload.id}`, {
      method: 'PATCH',
      headers: {
        Authorization: `Bearer ${this.#token}`,
        'Content-Type': 'application/octet-stream',
        'Upload-Offset': '0',
      },
      body: new Uint8Array(bytes),
    });
    if (!answer.ok) throw new Error(`the upload was refused: ${await answer.text()}`);
  }
}

/** The body of an answer; the test cannot go on without it. */
export function given<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data !== undefined) return answer.data;
  throw new Error(`${answer.response.url}: ${JSON.stringify(answer.error)}`);
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
