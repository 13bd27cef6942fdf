"""Times a forward pass of one layer of Qwen 3.5 with a gated delta net, by PyTorch as transformers computes it on a CPU.

    python delta_net.py [ROWSxSEQUENCES] [WIDTHxINNERxKEYHEADSxVALUEHEADS]

laco-benchmarks/run DeltaNet does the same by laco.
"""

import sys
import time

import torch
from transformers import Qwen3_5TextConfig
from transformers.models.qwen3_5.modeling_qwen3_5 import Qwen3_5DecoderLayer

rows, sequences = map(int, (sys.argv[1] if len(sys.argv) > 1 else "512x1").split("x"))
width, inner, keys, values = map(int, (sys.argv[2] if len(sys.argv) > 2 else "1024x3584x16x16").split("x"))
config = Qwen3_5TextConfig(
    hidden_size=width, intermediate_size=inner, linear_num_key_heads=keys, linear_num_value_heads=values,
    num_hidden_layers=4)
config._attn_implementation = "eager"
torch.manual_seed(0)
layer = Qwen3_5DecoderLayer(config, 0).eval()
hidden = torch.randn(sequences, rows // sequences, width)
times = []
with torch.no_grad():
    for run in range(12):
        start = time.perf_counter()
        layer(hidden, position_embeddings=None)
        times.append(1000 * (time.perf_counter() - start))
times = sorted(times[2:])
print(f"{rows}x{sequences}, {torch.get_num_threads()} threads: median {times[5]:.0f} ms, least {times[0]:.0f} ms")
