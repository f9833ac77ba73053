// Where a parameter of a transformer stands: in which layer, and what it is there. Pure.

export interface Place {
  /** What comes before the layer's number, as `encoder.layer`; empty outside of layers. */
  readonly stack: string;
  /** Null for what stands outside of all layers. */
  readonly layer: number | null;
  /** What comes after it, without `weight`, as `attention.self.query`. */
  readonly role: string;
  /** The role in a word that is the same for all architectures. */
  readonly word: string;
}

/**
 * Words of roles by the end of their names, in the order in which they compute. The longer end is
 * asked first where one ends with the other.
 */
const WORDS: readonly (readonly [word: string, ends: readonly string[]])[] = [
  [
    'Query, key and value',
    ['attn.c_attn', 'query_key_value', 'qkv_proj', 'in_proj', 'qkv', 'Wqkv'],
  ],
  ['Query', ['query', 'q_proj', 'q_lin', 'attention.q', 'Attention.q', 'q_a_proj', 'q_b_proj']],
  ['Key', ['key', 'k_proj', 'k_lin', 'Attention.k']],
  ['Value', ['value', 'v_proj', 'v_lin', 'Attention.v']],
  [
    'Attention output',
    ['attention.output.dense', 'attn.c_proj', 'o_proj', 'out_proj', 'out_lin', 'Attention.o'],
  ],
  ['Attention output', ['attention.dense', 'self_attention.dense']],
  ['Feed-forward gate', ['gate_proj', 'wi_0']],
  [
    'Feed-forward in',
    ['intermediate.dense', 'c_fc', 'up_proj', 'lin1', 'fc1', 'dense_h_to_4h', 'wi_1', 'wi'],
  ],
  [
    'Feed-forward out',
    ['output.dense', 'mlp.c_proj', 'down_proj', 'lin2', 'fc2', 'dense_4h_to_h', 'wo'],
  ],
  ['Norm', ['LayerNorm', 'layernorm', 'layer_norm', 'ln_1', 'ln_2', 'norm']],
];

export function placeOf(parameter: string): Place {
  const parts = parameter.split('.');
  const at = parts.findIndex((part) => /^\d+$/.test(part));
  const stack = at < 0 ? '' : parts.slice(0, at).join('.');
  const rest = parts.slice(at + 1);
  // What a parameter is says its module; only what is no weight needs its own name too.
  if (rest.length > 1 && rest.at(-1) === 'weight') rest.pop();
  const role = rest.join('.');
  return { stack, layer: at < 0 ? null : Number(parts[at]), role, word: wordOf(role) };
}

function wordOf(role: string): string {
  const bare = role.replace(/\.bias$/, '');
  const word = WORDS.find(([, ends]) => ends.some((end) => endsWith(bare, end)))?.[0] ?? bare;
  return bare === role ? word : `${word}, bias`;
}

/** At the border of a name, so that `value` is no end of `query_key_value`. */
function endsWith(role: string, end: string): boolean {
  if (end.startsWith('Attention')) return role.endsWith(end);
  return role === end || role.endsWith(`.${end}`) || (end.includes('norm') && role.endsWith(end));
}

/** For sorting roles: as they compute, and what has no word last. */
export function rankOf({ word }: Place): number {
  const bare = word.replace(/, bias$/, '');
  const at = WORDS.findIndex(([known]) => known === bare);
  return at < 0 ? WORDS.length : at;
}
