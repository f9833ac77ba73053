import { expect, test } from 'vitest';
import { tomlOf } from './toml';

test('a manifest is written as the command line reads it', () => {
  const manifest = {
    module: {
      name: 'acme/topics',
      kind: 'adapter',
      version: '1.0.0',
      license: null,
      description: 'Sorts "mails"\nby topics \\ teams',
      tasks: ['text-classification', 'nli'],
      labels: { team: 'search', 'on call': 'ana' },
    },
    requires: [
      { module: 'acme/bert', version: '>=1, <3', home: 'sha256:ab' },
      { module: 'acme/other', version: '^1' },
    ],
    interface: {
      inputs: [{ name: 'ids', dtype: 'int64', dims: ['batch', 128] }],
      outputs: [],
    },
    smoke: { tolerance: 0.0001 },
  };
  expect(tomlOf(manifest)).toBe(`[module]
name = "acme/topics"
kind = "adapter"
version = "1.0.0"
description = "Sorts \\"mails\\"\\nby topics \\\\ teams"
tasks = ["text-classification", "nli"]

[module.labels]
team = "search"
"on call" = "ana"

[[requires]]
module = "acme/bert"
version = ">=1, <3"
home = "sha256:ab"

[[requires]]
module = "acme/other"
version = "^1"

[interface]
outputs = []

[[interface.inputs]]
name = "ids"
dtype = "int64"
dims = ["batch", 128]

[smoke]
tolerance = 0.0001
`);
});

test('numbers keep their value, and a table of tables has no header of its own', () => {
  expect(tomlOf({ smoke: { tolerance: 1e-7 } })).toBe('[smoke]\ntolerance = 1e-7\n');
  expect(tomlOf({ interface: { inputs: [{ name: 'a' }] } })).toBe(
    '[[interface.inputs]]\nname = "a"\n',
  );
  expect(tomlOf({ a: { b: { c: true } } })).toBe('[a.b]\nc = true\n');
});
