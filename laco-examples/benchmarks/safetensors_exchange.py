#!/usr/bin/env python3
"""Holds laco's reader and writer of safetensors against the reference implementation's: safetensors_exchange.py WORK FILES [--seed N] [--classpath CP]

FILES files of random types, shapes, names and values are written by the reference (the package `safetensors`, by turns from numpy and from
PyTorch) and as many by laco, each with its values beside it as text, taken from where they were made and not from the file. Each side then
reads the other's files and compares every value with the text, and writes what it has read once more: that has to be the same file, byte
for byte. A file has at most one entry of metadata, since the reference writes several in an order of chance. laco is run as one process
of SafetensorsExchange.java. Printed are the counts; the exit code is 1 if anything differs.

With --fixture FILE the reference writes one small file of all types and its values, FILE.safetensors and FILE.tsv, which laco's tests read.
"""
import argparse, json, os, struct, subprocess, sys, time
from pathlib import Path
import numpy as np, torch
import safetensors, safetensors.numpy, safetensors.torch

HERE = Path(__file__).resolve().parent
TYPES = dict(BOOL=torch.bool, U8=torch.uint8, I8=torch.int8, I16=torch.int16, U16=torch.uint16, I32=torch.int32, U32=torch.uint32, I64=torch.int64,
             U64=torch.uint64, F16=torch.float16, BF16=torch.bfloat16, F32=torch.float32, F64=torch.float64)
LETTERS = list("abcdefghijklmnopqrstuvwxyz0123456789._/ \"\\\n\t\u0001\u001f\u007fé日ﬁ😀")

def bits(x): return struct.pack(">d", x).hex()

def values(t):
    """The values of a tensor as text, by way of Python's own numbers."""
    if t.is_floating_point():
        return [bits(x) for x in t.flatten().tolist()]
    return [str(int(x)) for x in t.flatten().tolist()]

def same(one, other):
    nan = lambda x: len(x) == 16 and np.isnan(struct.unpack(">d", bytes.fromhex(x))[0])
    return len(one) == len(other) and all(a == b or nan(a) and nan(b) for a, b in zip(one, other))

def tensor(rng, name, shape):
    n = int(np.prod(shape))
    if name == "BOOL":
        return torch.from_numpy(np.array(rng.integers(0, 2, n, dtype=np.uint8).astype(bool)).reshape(shape))
    if name[0] in "UI":
        width = int(name[1:]) // 8
        return torch.from_numpy(np.frombuffer(rng.bytes(n * width), dtype=name[0].lower() + str(width)).copy().reshape(shape))
    x = torch.from_numpy(rng.standard_normal(n) * 10.0 ** rng.integers(-6, 5))
    if n and rng.random() < 0.3:
        x[rng.integers(n)] = float(rng.choice([np.nan, np.inf, -np.inf, -0.0, 1e-40, 65504.0]))
    return x.to(TYPES[name]).reshape(shape)

def shape(rng):
    if rng.random() < 0.03:
        return (int(rng.integers(1, 300)), int(rng.integers(1, 200)))
    return tuple(int(rng.integers(0 if rng.random() < 0.1 else 1, 7)) for _ in range(rng.integers(0, 5)))

def text(rng): return "".join(rng.choice(LETTERS, rng.integers(1, 12)))

def hexed(s): return s.encode().hex()

def write_text(path, tensors, metadata):
    lines = ["metadata\t%s\t%s" % (hexed(k), hexed(v)) for k, v in metadata.items()]
    with open(path, "w") as f:
        for name, (dtype, t) in tensors.items():
            lines.append("\t".join(["tensor", hexed(name), dtype, ",".join(map(str, t.shape)), ",".join(values(t))]))
        f.write("".join(line + "\n" for line in lines))

def read_text(path):
    tensors, metadata = {}, {}
    for line in open(path):
        parts = line.rstrip("\n").split("\t")
        key = bytes.fromhex(parts[1]).decode()
        if parts[0] == "metadata":
            metadata[key] = bytes.fromhex(parts[2]).decode()
        else:
            tensors[key] = (parts[2], [int(x) for x in parts[3].split(",") if x], [x for x in parts[4].split(",") if x])
    return tensors, metadata

def save(path, tensors, metadata, by_numpy):
    if by_numpy:
        safetensors.numpy.save_file({k: t.numpy() for k, t in tensors.items()}, path, metadata=metadata or None)
    else:
        safetensors.torch.save_file(tensors, path, metadata=metadata or None)

def make(directory, files, seed):
    """Writes random files by the reference, and says how many tensors there are of each type."""
    counts = dict.fromkeys(TYPES, 0)
    for i in range(files):
        rng = np.random.default_rng([seed, i])
        tensors = {}
        for _ in range(rng.integers(0, 9)):
            dtype = str(rng.choice(list(TYPES)))
            tensors.setdefault(text(rng), (dtype, tensor(rng, dtype, shape(rng))))
        metadata = {text(rng): text(rng)} if rng.random() < 0.6 else {}
        by_numpy = i % 2 == 0 and all(d != "BF16" for d, _ in tensors.values())
        save(directory / f"{i}.safetensors", {k: t for k, (_, t) in tensors.items()}, metadata, by_numpy)
        write_text(directory / f"{i}.tsv", tensors, metadata)
        for d, _ in tensors.values():
            counts[d] += 1
    return counts

def check(directory, files):
    """Reads laco's files by the reference, compares values, and writes them once more."""
    tensors = wrong = elements = 0; equal = 0; counts = dict.fromkeys(TYPES, 0)
    for i in range(files):
        path = directory / f"{i}.safetensors"
        expected, metadata = read_text(directory / f"{i}.tsv")
        with safetensors.safe_open(path, "pt") as f:
            read = {k: f.get_tensor(k) for k in f.keys()}; found = f.metadata() or {}
        if set(read) != set(expected) or found != metadata:
            wrong += 1; print(path, "has other names or metadata"); continue
        for name, (dtype, dims, numbers) in expected.items():
            t = read[name]; tensors += 1; elements += t.numel(); counts[dtype] += 1
            if t.dtype != TYPES[dtype] or list(t.shape) != dims or not same(values(t), numbers):
                wrong += 1; print(path, repr(name), dtype, dims, "is read as", t.dtype, list(t.shape))
        again = directory / "again.safetensors"
        save(again, read, metadata, False)
        equal += again.read_bytes() == path.read_bytes(); again.unlink()
    return dict(files=files, tensors=tensors, elements=elements, wrong=wrong, identical=equal, types=counts)

def fixture(name):
    rng = np.random.default_rng(20)
    shapes = [(2, 3), (), (0, 3)]
    tensors = {f"{d}.{'x'.join(map(str, s)) or 'scalar'}": (d, tensor(rng, d, s)) for d in TYPES for s in shapes}
    save(name + ".safetensors", {k: t for k, (_, t) in tensors.items()}, {"format": "pt"}, False)
    write_text(name + ".tsv", tensors, {"format": "pt"})

def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("work", nargs="?"); a.add_argument("files", nargs="?", type=int, default=1000); a.add_argument("--seed", type=int, default=1)
    root = HERE.parents[1]
    a.add_argument("--classpath", default=":".join([str(root / "laco-cli/target/lib/*"), *map(str, sorted(root.glob("laco-*/target/classes")))]))
    a.add_argument("--fixture"); a.add_argument("--java", default=os.path.join(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else "java")
    o = a.parse_args()
    if o.fixture:
        return fixture(o.fixture)
    work = Path(o.work); ours, theirs = work / "laco", work / "reference"
    ours.mkdir(parents=True); theirs.mkdir()
    began = time.time(); counts = make(theirs, o.files, o.seed); made = time.time() - began
    run = subprocess.run([o.java, "-cp", o.classpath, str(HERE / "SafetensorsExchange.java"), str(theirs), str(ours), str(o.files), str(o.seed)],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
    by_laco = json.loads(run.stdout.splitlines()[-1]); print(*run.stdout.splitlines()[:-1], sep="\n", end="")
    by_laco["types"] = counts
    by_reference = check(ours, o.files)
    print("safetensors %s, PyTorch %s, numpy %s" % (safetensors.__version__, torch.__version__, np.__version__))
    print("written by the reference, read and written again by laco:", json.dumps(by_laco))
    print("written by laco, read and written again by the reference:", json.dumps(by_reference))
    right = all(r["wrong"] == 0 and r["identical"] == r["files"] == o.files for r in (by_laco, by_reference))
    sys.exit(0 if right else 1)

if __name__ == "__main__":
    main()
