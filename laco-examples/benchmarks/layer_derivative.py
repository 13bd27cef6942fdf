#!/usr/bin/env python3
"""Runs 16 sequences of 128 tokens through one Llama layer and a gradient back through it, as PyTorch does it: eager, float32.

    python3 layer_derivative.py 576x1536 9x3 5
    python3 layer_derivative.py 4096x11008 32x32 5

Prints what time each step takes and what memory the process took at most, as `laco-benchmarks/run layer` does. Needs torch and transformers.
"""
import resource
import sys
import time

import torch
from transformers import LlamaConfig, LlamaModel

SEQUENCES, LENGTH = 16, 128


def memory():
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB"


def main():
    width, inner = map(int, sys.argv[1].split("x"))
    heads, key_heads = map(int, sys.argv[2].split("x"))
    torch.set_num_threads(int(sys.argv[4]) if len(sys.argv) > 4 else 2)
    config = LlamaConfig(
        vocab_size=8, hidden_size=width, intermediate_size=inner, num_hidden_layers=1, num_attention_heads=heads,
        num_key_value_heads=key_heads, attn_implementation="eager", use_cache=False)
    model = LlamaModel(config)
    model.norm = torch.nn.Identity()
    x = torch.randn(SEQUENCES, LENGTH, width, requires_grad=True)
    gradient = torch.randn(SEQUENCES, LENGTH, width)
    print(memory(), "before the first step", flush=True)
    for _ in range(int(sys.argv[3])):
        model.zero_grad()
        x.grad = None
        processor, start = time.process_time(), time.perf_counter()
        model(inputs_embeds=x).last_hidden_state.backward(gradient)
        seconds, used = time.perf_counter() - start, time.process_time() - processor
        print(f"{seconds:.3f} s, {used:.3f} s of processors", flush=True)
    print(memory(), "at most")


if __name__ == "__main__":
    main()
