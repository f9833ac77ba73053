import { describe, expect, test } from 'vitest';
import { placeOf, rankOf } from './parameters';

describe('a parameter stands in a layer and has a role', () => {
  test.each([
    ['encoder.layer.3.attention.self.query.weight', 'encoder.layer', 3, 'Query'],
    [
      'bert.encoder.layer.11.attention.output.dense.weight',
      'bert.encoder.layer',
      11,
      'Attention output',
    ],
    ['encoder.layer.0.intermediate.dense.weight', 'encoder.layer', 0, 'Feed-forward in'],
    ['encoder.layer.0.output.dense.weight', 'encoder.layer', 0, 'Feed-forward out'],
    ['encoder.layer.0.output.LayerNorm.weight', 'encoder.layer', 0, 'Norm'],
    ['transformer.h.7.attn.c_attn.weight', 'transformer.h', 7, 'Query, key and value'],
    ['h.0.attn.c_proj.weight', 'h', 0, 'Attention output'],
    ['h.0.mlp.c_fc.weight', 'h', 0, 'Feed-forward in'],
    ['h.0.mlp.c_proj.weight', 'h', 0, 'Feed-forward out'],
    ['model.layers.31.self_attn.q_proj.weight', 'model.layers', 31, 'Query'],
    ['model.layers.31.self_attn.o_proj.weight', 'model.layers', 31, 'Attention output'],
    ['model.layers.31.mlp.gate_proj.weight', 'model.layers', 31, 'Feed-forward gate'],
    ['model.layers.31.mlp.down_proj.weight', 'model.layers', 31, 'Feed-forward out'],
    ['model.layers.31.post_attention_layernorm.weight', 'model.layers', 31, 'Norm'],
    [
      'distilbert.transformer.layer.2.attention.v_lin.weight',
      'distilbert.transformer.layer',
      2,
      'Value',
    ],
    [
      'gpt_neox.layers.4.attention.query_key_value.weight',
      'gpt_neox.layers',
      4,
      'Query, key and value',
    ],
    ['decoder.block.1.layer.0.SelfAttention.k.weight', 'decoder.block', 1, 'Key'],
  ])('%s', (name, stack, layer, word) => {
    expect(placeOf(name)).toMatchObject({ stack, layer, word });
  });

  test('a bias is another thing than its weight', () => {
    expect(placeOf('encoder.layer.0.attention.self.key.bias').word).toBe('Key, bias');
    expect(placeOf('encoder.layer.0.attention.self.key.bias').role).toBe('attention.self.key.bias');
  });
});

test('what stands outside of all layers has no layer', () => {
  expect(placeOf('embeddings.word_embeddings.weight')).toEqual({
    stack: '',
    layer: null,
    role: 'embeddings.word_embeddings',
    word: 'embeddings.word_embeddings',
  });
  expect(placeOf('lm_head.weight').layer).toBeNull();
});

test('a name without a word keeps its own', () => {
  expect(placeOf('0.weight')).toEqual({ stack: '', layer: 0, role: 'weight', word: 'weight' });
  expect(placeOf('blocks.2.mixer.x_proj.weight').word).toBe('mixer.x_proj');
});

test('roles are sorted as they compute', () => {
  const names = ['0.wo', '0.mixer', '0.self.value', '0.self.query.bias', '0.o_proj'];
  const sorted = names.map(placeOf).sort((a, b) => rankOf(a) - rankOf(b));
  expect(sorted.map(({ word }) => word)).toEqual([
    'Query, bias',
    'Value',
    'Attention output',
    'Feed-forward out',
    'mixer',
  ]);
});
