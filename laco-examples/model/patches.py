#!/usr/bin/env python3
"""What LinearPatch's and Ghosted Layers' published formulas give on this model, in float64, for the tests to compare with.
patches.py [LAYERS DROPPED] [START]

The span is the one of the highest mean cosine over all positions, the first and the last layer staying, unless START says where it
starts. LinearPatch: P = H diag(d) H', H = Sylvester's Hadamard matrix over the root of the width, d the ratio of the mean magnitudes of x H
after and before the span, of each sequence, mean over the sequences. Ghosted Layers: W = I + (X'X + 1e-6 I)^-1 X'(Y - X) over every row. The
layer before the span is followed by x P or x W. Needs numpy and tokenizers, and none of laco.
"""
import sys
import numpy as np
from tokenizers import Tokenizer
from replaceme import CONFIG, HERE, WIDTH, layer, log_softmax, norm, run, weights


def sylvester(size):
    h = np.ones((1, 1))
    while len(h) < size:
        h = np.block([[h, h], [h, -h]])
    return h / np.sqrt(size)


def patched(w, ids, layers, before, matrix):
    x = w["embed_tokens.weight"][ids]
    for i in layers:
        x = layer(w, i, x)[1]
        x = x @ matrix if i == before else x
    return norm(x, w["norm.weight"])


def compare(name, w, layers, texts, finals, before, matrix):
    cosines, divergences, surprise = [], [], []
    for ids, final in zip(texts, finals):
        other = patched(w, ids, layers, before, matrix)
        cosines.append((final * other).sum() / np.linalg.norm(final) / np.linalg.norm(other))
        p, q = log_softmax(w, final), log_softmax(w, other)
        divergences.append((np.exp(p) * (p - q)).sum(-1).mean())
        surprise.append(-q[np.arange(len(ids) - 1), ids[1:]])
    print(f"similarity and divergence, {name}: {np.mean(cosines):.8f} {np.mean(divergences):.8f}, perplexity of the first two lines "
          f"{np.exp(np.mean(np.concatenate(surprise[:2]))):.6f}, of all {np.exp(np.mean(np.concatenate(surprise))):.6f}")


def main():
    dropped = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    w, count = weights(), CONFIG["num_hidden_layers"]
    tokenizer = Tokenizer.from_file(f"{HERE}/model/tokenizer.json")
    texts = [tokenizer.encode(line).ids for line in open(f"{HERE}/calibration.txt", encoding="utf-8").read().splitlines()]
    runs = [run(w, ids, range(count)) for ids in texts]
    # What enters each layer, and what leaves the last one before the final norm.
    entering = [[w["embed_tokens.weight"][ids], *states] for ids, (_, states, _) in zip(texts, runs)]
    rows = [np.concatenate([e[i] for e in entering]) for i in range(count + 1)]
    cosine = lambda x, y: ((x * y).sum(-1) / np.linalg.norm(x, axis=-1) / np.linalg.norm(y, axis=-1)).mean()
    influence = {s: 1 - cosine(rows[s], rows[s + dropped]) for s in range(1, count - dropped)}
    start = int(sys.argv[2]) if len(sys.argv) > 2 else min(influence, key=influence.get)
    end = start + dropped
    print("influence of runs:", {s: round(v, 8) for s, v in influence.items()}, "start", start)

    h = sylvester(WIDTH)
    magnitude = lambda x: np.abs(x @ h).mean(0)
    d = np.mean([magnitude(e[end]) / magnitude(e[start]) for e in entering], 0)
    x, y = rows[start], rows[end]
    matrices = {
        "dropped": np.eye(WIDTH),
        "linearpatch": h @ np.diag(d) @ h.T,
        "linearpatch folded": d.mean() * np.eye(WIDTH),
        "ghosted": np.eye(WIDTH) + np.linalg.solve(x.T @ x + 1e-6 * np.eye(WIDTH), x.T @ (y - x)),
    }
    layers = [i for i in range(count) if not start <= i < end]
    print("scales", d[:3], "mean", d.mean())
    for name, matrix in matrices.items():
        print(name, "corner", matrix[:2, :3].ravel().round(8), "error", round(np.linalg.norm(y - x @ matrix) / np.linalg.norm(y), 8))
        compare(name, w, layers, texts, [final for _, _, final in runs], start - 1, matrix)


main()
