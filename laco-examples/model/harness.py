#!/usr/bin/env python3
"""Asks the model the questions of choices.jsonl by lm-evaluation-harness and writes harness.json.  harness.py [--model DIR] [--choices FILE] [--out FILE] [--limit N] [--sums]"""
import argparse, json, os
from importlib.metadata import version
from datasets import Dataset
from lm_eval import simple_evaluate
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM
import torch

HERE = os.path.dirname(os.path.abspath(__file__))

class Questions(ConfigurableTask):
    """The harness's own multiple choice, with its usual space before a choice, on a file of ours."""
    def __init__(self, rows):
        self.rows = Dataset.from_list(rows)
        super().__init__(config=dict(
            task="choices", dataset_path="unused", test_split="test", output_type="multiple_choice", doc_to_text="context",
            doc_to_choice=lambda doc: [c.removeprefix(" ") for c in doc["choices"]], doc_to_target="answer", target_delimiter=" ",
            metric_list=[dict(metric=m, aggregation="mean", higher_is_better=True) for m in ("acc", "acc_norm", "acc_bytes")], metadata=dict(version=1)))

    def download(self, *args, **kwargs): self.dataset = dict(test=self.rows)

def read(file, limit=None):
    rows = [json.loads(s) for s in open(file, encoding="utf-8").read().splitlines()][:limit]
    assert all(c.startswith(" ") for r in rows for c in r["choices"])
    return rows

def load(model, batch=16): return HFLM(pretrained=model, device="cpu", dtype="float32", batch_size=batch)

def ask(model, rows):
    """What the harness makes of the questions, with the sums of all choices."""
    run = simple_evaluate(model=model, tasks=[Questions(rows)], log_samples=True, random_seed=None, bootstrap_iters=1)
    got = run["results"]["choices"]; samples = sorted(run["samples"]["choices"], key=lambda s: s["doc_id"])
    res = dict(harness="lm-eval " + version("lm-eval"), items=len(rows))
    for m in ("acc", "acc_norm", "acc_bytes"):
        res[m] = got[m + ",none"]; res[m + "_stderr"] = got[m + "_stderr,none"]; res[m + "_correct"] = int(sum(s[m] for s in samples))
    res["sums"] = [[float(r[0][0]) for r in s["resps"]] for s in samples]
    return res

def main():
    a = argparse.ArgumentParser(); a.add_argument("--model", default=os.path.join(HERE, "model")); a.add_argument("--choices", default=os.path.join(HERE, "choices.jsonl"))
    a.add_argument("--out", default=os.path.join(HERE, "harness.json")); a.add_argument("--limit", type=int); a.add_argument("--sums", action="store_true"); o = a.parse_args()
    torch.set_num_threads(1)
    res = ask(load(o.model), read(o.choices, o.limit))
    res["sums"] = [[round(v, 4) for v in s] for s in (res["sums"] if o.sums else res["sums"][:8])]
    text = json.dumps(res, indent=1); text = __import__("re").sub(r"\[\s+(-[^\[\]]*?)\s+\]", lambda m: "[" + " ".join(m.group(1).split()) + "]", text)
    open(o.out, "w", encoding="utf-8", newline="\n").write(text + "\n")

if __name__ == "__main__": main()
