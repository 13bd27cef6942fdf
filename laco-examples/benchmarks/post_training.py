#!/usr/bin/env python3
"""Post-training of a collapsed model toward its original as a usual PyTorch loop does it: eager, float32, one divergence a step.

    python3 post_training.py COLLAPSED ORIGINAL TEXT --layer 12 --steps 16      # one merged layer
    python3 post_training.py COLLAPSED ORIGINAL TEXT --steps 16                 # all layers

Prints the mean loss of each step, tokens a second and a second of processors without the first step, and the peak of resident memory. `laco heal` with the same
numbers of tokens is what it is compared with. Needs torch and transformers.
"""
import argparse
import math
import resource
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collapsed")
    parser.add_argument("original")
    parser.add_argument("text")
    parser.add_argument("--layer", type=int, help="train this layer alone")
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def load(path):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager")


def batches(tokenizer, text, rows, length):
    with open(text, encoding="utf-8") as file:
        ids = tokenizer(file.read(400 * rows * length), add_special_tokens=False)["input_ids"]
    size = rows * length
    for start in range(0, len(ids) - size, size):
        yield torch.tensor(ids[start : start + size]).reshape(rows, length)


def rate(step, steps, peak):
    rising = round(0.05 * steps)
    if step < rising:
        return peak * (step + 1) / rising
    done = (step - rising) / max(1, steps - rising)
    return peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))


def main():
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    student = load(arguments.collapsed)
    teacher = load(arguments.original).eval()
    student.requires_grad_(False)
    layers = student.model.layers
    trained = layers if arguments.layer is None else layers[arguments.layer : arguments.layer + 1]
    trained.requires_grad_(True)
    parameters = list(trained.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=arguments.rate, betas=(0.9, 0.95), weight_decay=0)
    tokenizer = AutoTokenizer.from_pretrained(arguments.original)
    tokens, seconds, processors = 0, 0.0, 0.0
    data = batches(tokenizer, arguments.text, arguments.rows, arguments.length)
    for step, ids in zip(range(arguments.steps), data):
        start, processor = time.perf_counter(), time.process_time()
        with torch.no_grad():
            expected = torch.log_softmax(teacher(ids).logits, -1)
        logits = torch.log_softmax(student(ids).logits, -1)
        loss = (expected.exp() * (expected - logits)).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, arguments.steps, arguments.rate)
        optimizer.step()
        if step > 0:
            tokens += ids.numel()
            seconds += time.perf_counter() - start
            processors += time.process_time() - processor
        print(f"step {step + 1}: loss {loss.item():.4f}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{tokens / seconds:.0f} tokens a second, {tokens / processors:.0f} a second of processors, peak {peak:.0f} MiB")


if __name__ == "__main__":
    main()
