"""Times a forward pass of one layer of Qwen 3 MoE, by PyTorch as transformers computes it on a CPU, expert after expert.

    python experts.py [ROWSxSEQUENCES] [WIDTHxEXPERTSxINNERxCHOSEN]

laco-benchmarks/run Experts does the same by laco.
"""

import sys
import time

import torch
from transformers import Qwen3MoeConfig
from transformers.models.qwen3_moe.modeling_qwen3_moe import Qwen3MoeDecoderLayer, Qwen3MoeRotaryEmbedding

rows, sequences = map(int, (sys.argv[1] if len(sys.argv) > 1 else "512x1").split("x"))
width, experts, inner, chosen = map(int, (sys.argv[2] if len(sys.argv) > 2 else "2048x64x1024x8").split("x"))
config = Qwen3MoeConfig(
    hidden_size=width, head_dim=128, num_attention_heads=width // 128, num_key_value_heads=width // 128,
    num_experts=experts, moe_intermediate_size=inner, num_experts_per_tok=chosen, norm_topk_prob=True,
    num_hidden_layers=1)
config._attn_implementation = "eager"
config._experts_implementation = "eager"
torch.manual_seed(0)
layer = Qwen3MoeDecoderLayer(config, 0).eval()
length = rows // sequences
hidden = torch.randn(sequences, length, width)
mask = torch.full((1, 1, length, length), float("-inf")).triu(1)
positions = Qwen3MoeRotaryEmbedding(config)(hidden, torch.arange(length)[None])
times = []
with torch.no_grad():
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    for run in range(12):
        start = time.perf_counter()
        layer(hidden, attention_mask=mask, position_embeddings=positions)
        times.append(1000 * (time.perf_counter() - start))
times = sorted(times[2:])
print(f"{rows}x{sequences}, {torch.get_num_threads()} threads: median {times[5]:.0f} ms, least {times[0]:.0f} ms")
