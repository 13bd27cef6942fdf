#!/usr/bin/env python3
"""Holds laco's answers to the questions of several tasks against lm-evaluation-harness's: harness_tasks.py MODEL TASKS [--limit N] [--laco FILE] [--json FILE]

TASKS is a directory as `laco evaluate --tasks` takes it. The harness gets each question's context and choices as the file has them, through its own
class for multiple choice and its own class for Hugging Face models, in float32; it scores, counts and normalises by itself. laco is run as a process
with --log-likelihoods, or its JSON of such a run is read from a file. Printed are, for each task, both counts of right answers by acc, acc_norm and
acc_bytes, and the largest difference between the two log-likelihoods of a choice. The exit code is 1 if a count differs, or a log-likelihood by more
than --tolerance nats.
"""
import argparse, json, os, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "model"))
KEYS = dict(acc="accuracy", acc_norm="accNorm", acc_bytes="accBytes")

def ask_laco(o):
    out = subprocess.run([str(HERE.parents[1] / "laco"), "evaluate", o.model, "--tasks", o.tasks, "--limit", str(o.limit), "--log-likelihoods", "--json", "--quiet"],
                         check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)

def compare(task, harness, laco):
    """The counts of both, and how far the log-likelihoods are apart."""
    assert [len(c) for c in harness["sums"]] == [len(c) for c in laco["logLikelihoods"]], task + ": other questions"
    apart = [abs(a - b) for one, other in zip(harness["sums"], laco["logLikelihoods"]) for a, b in zip(one, other)]
    counts = {m: (harness[m + "_correct"], round(laco[KEYS[m]] * laco["items"])) for m in KEYS}
    return dict(task=task, items=laco["items"], choices=len(apart), most=max(apart), mean=sum(apart) / len(apart), **counts)

def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("model"); a.add_argument("tasks"); a.add_argument("--limit", type=int, default=40); a.add_argument("--laco"); a.add_argument("--json")
    a.add_argument("--tolerance", type=float, default=2e-3); a.add_argument("--threads", type=int, default=1); a.add_argument("--batch", type=int, default=16)
    o = a.parse_args()
    began = time.time(); laco = json.load(open(o.laco)) if o.laco else ask_laco(o); asked = time.time() - began
    import harness, torch
    torch.set_num_threads(o.threads)
    model = harness.load(o.model, o.batch); rows = []; seconds = 0
    for row in laco["tasks"]:
        began = time.time(); theirs = harness.ask(model, harness.read(Path(o.tasks) / (row["task"] + ".jsonl"), o.limit)); seconds += time.time() - began
        rows.append(compare(row["task"], theirs, row))
    print(f"{'task':<16}{'questions':>10}{'choices':>9}  " + "".join(f"{m + ' (harness, laco)':<28}" for m in KEYS) + "log-likelihoods apart: most, mean")
    for r in rows:
        print(f"{r['task']:<16}{r['items']:>10}{r['choices']:>9}  " + "".join(f"{r[m][0]:>4} {r[m][1]:>4}" + " " * 19 for m in KEYS) + f"{r['most']:.2e}, {r['mean']:.2e}")
    print(f"seconds: harness {seconds:.1f}" + ("" if o.laco else f", laco {asked:.1f}"), file=sys.stderr)
    if o.json: json.dump(rows, open(o.json, "w"), indent=1)
    sys.exit(any(r["most"] > o.tolerance or any(r[m][0] != r[m][1] for m in KEYS) for r in rows))

if __name__ == "__main__": main()
