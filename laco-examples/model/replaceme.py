#!/usr/bin/env python3
"""What ReplaceMe's published formulas give on this model, in float64, for the tests to compare with.  replaceme.py [LAYERS DROPPED] [ALPHA]

The span starts where the angular distance at the last position is least, hidden states after the last layer taken after the final
norm; the down projection W of the layer before it becomes T'W, T = (M'M + aI)^-1 M'(L_n + M - L_i), over every row. Needs numpy and
tokenizers, and none of laco.
"""
import glob, json, os, sys
import numpy as np
from tokenizers import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = json.load(open(f"{HERE}/model/config.json"))
WIDTH, HEADS, GROUPS, SIZE = (CONFIG[k] for k in ("hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim"))


def weights():
    """bfloat16 is the upper half of float32"""
    found = {}
    for file in glob.glob(f"{HERE}/model/*.safetensors"):
        data = open(file, "rb").read()
        header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
        for name, entry in header.items():
            if name != "__metadata__":
                assert entry["dtype"] == "BF16"
                start, end = (8 + int.from_bytes(data[:8], "little") + o for o in entry["data_offsets"])
                bits = np.frombuffer(data[start:end], "<u2").astype(np.uint32) << 16
                found[name.removeprefix("model.")] = bits.view(np.float32).astype(np.float64).reshape(entry["shape"])
    return found


def to_bfloat16(x):
    bits = x.astype(np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32).astype(np.float64)


def norm(x, weight):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + CONFIG["rms_norm_eps"]) * weight


def rotate(x):
    """the two halves of a head are the parts of complex numbers"""
    half = SIZE // 2
    angle = np.arange(x.shape[1])[:, None] / CONFIG["rope_theta"] ** (np.arange(half) / half)
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)], -1)


def layer(w, i, x):
    """returns what the feed-forward adds, and what leaves the layer"""
    p = lambda name: w[f"layers.{i}.{name}.weight"]
    h = norm(x, p("input_layernorm"))
    split = lambda name, n: (h @ p(f"self_attn.{name}_proj").T).reshape(len(x), n, SIZE).transpose(1, 0, 2)
    q, k = rotate(split("q", HEADS)), rotate(split("k", GROUPS)).repeat(HEADS // GROUPS, 0)
    s = q @ k.transpose(0, 2, 1) / np.sqrt(SIZE) + np.triu(np.full((len(x), len(x)), -np.inf), 1)
    s = np.exp(s - s.max(-1, keepdims=True))
    v = split("v", GROUPS).repeat(HEADS // GROUPS, 0)
    x = x + (s / s.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(x), -1) @ p("self_attn.o_proj").T
    h = norm(x, p("post_attention_layernorm"))
    gate = h @ p("mlp.gate_proj").T
    mlp = (gate / (1 + np.exp(-gate)) * (h @ p("mlp.up_proj").T)) @ p("mlp.down_proj").T
    return mlp, x + mlp


def run(w, ids, layers):
    """returns what each feed-forward adds, what leaves each layer, and the final hidden states"""
    x, mlps, states = w["embed_tokens.weight"][ids], [], []
    for i in layers:
        mlp, x = layer(w, i, x)
        mlps.append(mlp)
        states.append(x)
    return mlps, states, norm(x, w["norm.weight"])


def angle(x, y):
    return np.arccos(np.clip(x @ y / np.linalg.norm(x) / np.linalg.norm(y), -1, 1)) / np.pi


def log_softmax(w, final):
    logits = final @ w["embed_tokens.weight"].T
    logits = logits - logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def compare(w, changed, layers, texts, all_runs):
    cosines, divergences = [], []
    for ids, (_, _, final) in zip(texts, all_runs):
        other = run(changed, ids, layers)[2]
        cosines.append((final * other).sum() / np.linalg.norm(final) / np.linalg.norm(other))
        p, q = log_softmax(w, final), log_softmax(w, other)
        divergences.append((np.exp(p) * (p - q)).sum(-1).mean())
    return np.mean(cosines), np.mean(divergences)


def main():
    dropped = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    alpha = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    w, count = weights(), CONFIG["num_hidden_layers"]
    tokenizer = Tokenizer.from_file(f"{HERE}/model/tokenizer.json")
    texts = [tokenizer.encode(line).ids for line in open(f"{HERE}/calibration.txt", encoding="utf-8").read().splitlines()]
    runs = [run(w, ids, range(count)) for ids in texts]
    # As in transformers' hidden_states[1:], the last entry is after the final norm.
    hidden = [states[:-1] + [final] for _, states, final in runs]
    distances = [np.mean([angle(h[i][-1], h[i + dropped][-1]) for h in hidden]) for i in range(count - dropped)]
    start = int(np.argmin(distances)) + 1
    end = start + dropped
    print(len(texts), "sequences,", sum(map(len, texts)), "tokens")
    print("distances of spans from layer 1 up:", " ".join(f"{d:.8f}" for d in distances), "least at", start)

    m = np.concatenate([mlps[start - 1] for mlps, _, _ in runs])
    l_i = np.concatenate([h[start - 1] for h in hidden])
    l_n = np.concatenate([h[end - 1] for h in hidden])
    gram = m.T @ m
    t = np.linalg.inv(gram + alpha * np.eye(WIDTH)) @ m.T @ (l_n + m - l_i)
    name = f"layers.{start - 1}.mlp.down_proj.weight"
    exact = t.T @ w[name]
    print("mean diagonal", np.trace(gram) / WIDTH, "condition", np.linalg.cond(gram + alpha * np.eye(WIDTH)))
    print("relative error of all rows", np.linalg.norm(l_n - l_i) / np.linalg.norm(l_n), np.linalg.norm(l_n - (l_i - m + m @ t)) / np.linalg.norm(l_n))
    print(name, "norm", np.linalg.norm(exact), "corner", exact[:2, :3].ravel())
    layers = [i for i in range(count) if not start <= i < end]
    print("similarity and divergence, dropped:", compare(w, w, layers, texts, runs))
    print("similarity and divergence, replaced:", compare(w, {**w, name: to_bfloat16(exact)}, layers, texts, runs))


if __name__ == "__main__":
    main()
