"""Runs a command, appends its wall time, processor time and peak memory to a file of JSON lines, and prints ratios of medians."""

import json
import resource
import statistics
import subprocess
import sys
import time


def run(name, file, command):
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wall = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    search, layers = outcome(json.loads(done.stdout))
    figures = {
        "name": name,
        "wall_s": round(wall, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "search_s": search,
        "peak_mb": used.ru_maxrss // 1024,
        "layers": layers,
    }
    print(json.dumps(figures), flush=True)
    with open(file, "a", encoding="utf-8") as lines:
        lines.write(json.dumps(figures) + "\n")


def outcome(report):
    """The search's seconds and the number of layers left, of what the procedures and laco print."""
    if "search_s" in report:
        return report["search_s"], report["layers"]
    return report["seconds"]["search"], report["layersAfter"]


def ratios(file):
    with open(file, encoding="utf-8") as lines:
        runs = [json.loads(line) for line in lines]
    medians = {}
    for name in dict.fromkeys(one["name"] for one in runs):
        of_name = [one for one in runs if one["name"] == name]
        medians[name] = {key: statistics.median(one[key] for one in of_name) for key in ("wall_s", "search_s", "cpu_s", "peak_mb")}
    for name, figures in medians.items():
        shares = ", ".join(f"{key} {value} ({value / medians['laco'][key]:.2f} of laco's)" for key, value in figures.items())
        print(f"{name}: {shares}")


if sys.argv[1] == "--ratios":
    ratios(sys.argv[2])
else:
    run(sys.argv[1], sys.argv[2], sys.argv[3:])
