"""Writes a Llama of 6.7 billion parameters in bfloat16 (three shards, 13.5 GB) with weights that are random and
mean nothing, and a LoRA for it in DIR-lora. Needs nothing but Python.

    large_llama.py DIR
"""
import array
import json
import random
import struct
import sys
from pathlib import Path

LAYERS, WIDE, INNER, VOCABULARY, RANK = 32, 4096, 11008, 32000, 16
CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": WIDE, "intermediate_size": INNER,
    "num_hidden_layers": LAYERS, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": VOCABULARY,
    "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
    "tie_word_embeddings": False, "pad_token_id": 0,
}
#: Random numbers are drawn once, and every matrix is made of stretches of them.
POOL = 1 << 22


def bfloat16(numbers):
    """The upper halves of float32 numbers."""
    bits = array.array("I", array.array("f", numbers).tobytes())
    return array.array("H", (bit >> 16 for bit in bits)).tobytes()


def write(path, tensors, bytes_of, dtype, size):
    header, end = {}, 0
    for name, shape in tensors:
        length = size
        for extent in shape:
            length *= extent
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + length]}
        end += length
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape in tensors:
            for piece in bytes_of(shape):
                file.write(piece)
    return end


def layer(number):
    at = f"model.layers.{number}."
    attention = [(f"{at}self_attn.{name}_proj.weight", [WIDE, WIDE]) for name in "qkvo"]
    inner = [(f"{at}mlp.{name}_proj.weight", [INNER, WIDE]) for name in ("gate", "up")]
    norms = [(f"{at}{name}_layernorm.weight", [WIDE]) for name in ("input", "post_attention")]
    return [*norms, *attention, *inner, (f"{at}mlp.down_proj.weight", [WIDE, INNER])]


def main():
    folder = Path(sys.argv[1])
    adapter = Path(f"{folder}-lora")
    folder.mkdir(parents=True, exist_ok=True)
    adapter.mkdir(exist_ok=True)
    random.seed(0)
    pool = bfloat16(random.gauss(0.0, 0.02) for _ in range(POOL))
    ones = bfloat16([1.0]) * WIDE

    def matrix(shape):
        if len(shape) == 1:
            yield ones
            return
        left = 2 * shape[0] * shape[1]
        while left:
            begin = 2 * random.randrange(POOL // 2)
            piece = pool[begin:begin + min(left, len(pool) - begin)]
            left -= len(piece)
            yield piece

    (folder / "config.json").write_text(json.dumps(CONFIG))
    table = [("model.embed_tokens.weight", [VOCABULARY, WIDE])]
    last = [("model.norm.weight", [WIDE]), ("lm_head.weight", [VOCABULARY, WIDE])]
    layers = [tensor for number in range(LAYERS) for tensor in layer(number)]
    third = len(layer(0)) * (LAYERS // 3)
    shards = [table + layers[:third], layers[third:2 * third], layers[2 * third:] + last]
    places, total = {}, 0
    for number, tensors in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        total += write(folder / name, tensors, matrix, "BF16", 2)
        places |= {tensor: name for tensor, _ in tensors}
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    def halves(shape):
        yield array.array("f", (random.gauss(0.0, 0.02) for _ in range(shape[0] * shape[1]))).tobytes()

    low_rank = [
        (f"base_model.model.model.layers.{number}.self_attn.{name}_proj.lora_{half}.weight", shape)
        for number in range(LAYERS) for name in "qv" for half, shape in (("A", [RANK, WIDE]), ("B", [WIDE, RANK]))
    ]
    write(adapter / "adapter_model.safetensors", low_rank, halves, "F32", 4)
    (adapter / "adapter_config.json").write_text(json.dumps({
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": 2 * RANK,
        "target_modules": ["q_proj", "v_proj"], "base_model_name_or_path": folder.name,
    }))


main()
