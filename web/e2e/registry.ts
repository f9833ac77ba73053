// A small registry with one of everything that the pages show.

import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { components } from '../src/api/schema';
import { filesOf, type Files, given, Publisher } from './publisher';

type Manifest = components['schemas']['Manifest'];

const TINY = resolve('../tests/fixtures/tiny/bert');
/** More than one page of modules. */
export const SPARE_MODULES = 55;
export const REASON = 'Answers nothing but `games` since the last retraining';

export async function fillRegistry(publisher: Publisher): Promise<void> {
  for (const name of ['acme', 'spare']) {
    given(
      await publisher.client.POST('/api/v1/namespaces', { body: { name, visibility: 'public' } }),
    );
  }
  const names = Array.from(
    { length: SPARE_MODULES },
    (_, n) => `probe-${String(n).padStart(2, '0')}`,
  );
  for (const name of names) {
    const body = { name: `spare/${name}`, kind: 'head' as const, description: 'No release yet' };
    given(await publisher.client.POST('/api/v1/modules', { body }));
  }
  const weights = await filesOf(`${TINY}/model`, ['config.json', 'model.safetensors']);
  const home = await publish(publisher, backbone('1.0.0'), weights);
  await publish(publisher, adapter('topics', '1.0.0', home), await adapterFiles('lora'));
  await publish(publisher, adapter('topics', '1.1.0', home), await adapterFiles('rslora'));
  await publish(publisher, adapter('scales', '1.0.0', home), await adapterFiles('ia3'));
  await publish(publisher, backbone('2.0.0'), drifted(weights));
  await moveAround(publisher);
  await untilProven(publisher);
}

async function publish(publisher: Publisher, manifest: Manifest, files: Files): Promise<string> {
  const release = await publisher.publish(manifest, files);
  if (release.state === 'published') return release.digest;
  throw new Error(
    `${manifest.module.name} is ${release.state}: ${JSON.stringify(release.findings)}`,
  );
}

function backbone(version: string): Manifest {
  return {
    module: {
      name: 'acme/tiny-bert',
      kind: 'backbone',
      version,
      description: 'A two-layer sentence encoder that every team of Acme shares',
      license: 'Apache-2.0',
      tasks: ['feature-extraction'],
      labels: { team: 'platform' },
    },
    provenance: { base_model: 'google/bert_uncased_L-2_H-128_A-2', datasets: ['acme/mails-2026'] },
  };
}

function adapter(name: string, version: string, home: string): Manifest {
  return {
    module: {
      name: `acme/${name}`,
      kind: 'adapter',
      version,
      description: `Sorts support mails by ${name}`,
      license: 'MIT',
      tasks: ['text-classification'],
    },
    requires: [{ module: 'acme/tiny-bert', version: '>=1, <3', home }],
    provenance: { datasets: ['acme/support-mails'], run: 'train-4711' },
  };
}

async function adapterFiles(name: string): Promise<Files> {
  const folder = `${TINY}/adapters/${name}`;
  return filesOf(folder, ['adapter_config.json', 'adapter_model.safetensors']);
}

/** The same tensors with other numbers, so that what hangs on them behaves otherwise. */
function drifted(files: Files): Files {
  const bytes = Buffer.from(files.get('model.safetensors') ?? []);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  for (let at = start; at + 4 <= bytes.length; at += 4) {
    bytes.writeFloatLE(bytes.readFloatLE(at) * (at % 12 === 0 ? -1 : 0.5), at);
  }
  return new Map([...files, ['model.safetensors', bytes]]);
}

async function moveAround(publisher: Publisher): Promise<void> {
  const topics = { namespace: 'acme', name: 'topics' };
  for (const version of ['1.0.0', '1.1.0']) {
    given(
      await publisher.client.PUT('/api/v1/modules/{namespace}/{name}/channels/{channel}', {
        params: { path: { ...topics, channel: 'stable' } },
        body: { version, reason: 'Evaluated on the June mails' },
      }),
    );
  }
  const old = { params: { path: { ...topics, version: '1.0.0' } } };
  given(
    await publisher.client.POST('/api/v1/modules/{namespace}/{name}/releases/{version}/deprecate', {
      ...old,
      body: { reason: 'Trained before the June mails', replacement: 'acme/topics@1.1.0' },
    }),
  );
  given(
    await publisher.client.POST(
      '/api/v1/modules/{namespace}/{name}/releases/{version}/quarantine',
      {
        params: { path: { namespace: 'acme', name: 'scales', version: '1.0.0' } },
        body: { reason: REASON },
      },
    ),
  );
}

/** Waits for the runs of what hangs on the second backbone. */
async function untilProven(publisher: Publisher): Promise<void> {
  const path = { namespace: 'acme', name: 'tiny-bert' };
  for (let tries = 0; tries < 120; tries += 1) {
    const matrix = given(
      await publisher.client.GET('/api/v1/modules/{namespace}/{name}/matrix', { params: { path } }),
    );
    // What is quarantined is not run any more.
    const pairs = matrix.items.filter(({ dependent }) => dependent.startsWith('acme/topics@'));
    if (pairs.length === 4 && pairs.every((pair) => pair.facts.behavioural !== 'unknown')) return;
    await sleep(500);
  }
  throw new Error('what hangs on the second backbone was not run in time');
}
