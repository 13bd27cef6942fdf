"""What both PyTorch procedures share: arguments, the model, the merge, the similarity, the schedule and the report."""

import argparse
import json
import resource
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="a Hugging Face directory of the Llama family")
    parser.add_argument("sentences", help="a text file, one sentence a line")
    parser.add_argument("--layers-per-merge", type=int, default=4)
    parser.add_argument("--interval", type=int, default=2)
    parser.add_argument("--low", type=int, default=1)
    parser.add_argument("--threshold", type=float, default=0.65)
    return parser.parse_args()


def load(args):
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32).eval()
    with open(args.sentences, encoding="utf-8") as lines:
        batches = [tokenizer(line.strip(), return_tensors="pt").input_ids for line in lines if line.strip()]
    return model, batches


def linear_weights(layer):
    return [module for module in layer.modules() if isinstance(module, torch.nn.Linear)]


def merge_into(base, following):
    """The authors' rule: each difference is taken to the running weight, so that the last layer's weight remains."""
    for layer in following:
        for into, of in zip(linear_weights(base), linear_weights(layer)):
            into.weight.data.add_(of.weight.data - into.weight.data)


def renumber(layers):
    for number, layer in enumerate(layers):
        layer.self_attn.layer_idx = number


def cosine(one, other):
    return torch.cosine_similarity(one.flatten().double(), other.flatten().double(), dim=0).item()


def schedule(layer_count, args, accepts):
    """Runs the paper's schedule; accepts(layer, merged) tells and does."""
    count = layer_count
    candidates = 0
    layer = count - args.layers_per_merge
    while layer >= args.low:
        merged = min(args.layers_per_merge - 1, count - layer - 1)
        candidates += 1
        if accepts(layer, merged):
            count -= merged
            layer -= args.interval
        else:
            layer -= 1
    return count, candidates


def report(started, loaded, layers, candidates):
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "search_s": round(ended - loaded, 3),
                "whole_s": round(ended - started, 3),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "layers": layers,
                "candidates": candidates,
            }
        )
    )
