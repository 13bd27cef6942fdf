#!/bin/sh
# Compares writing a collapsed checkpoint with copying as many bytes, in turns.
#
#   ./write.sh WORK [RUNS]
#
# Makes a random checkpoint of the shape of Llama-2-7B with LAYERS layers (four by default, 2.1 GB) in the new directory WORK, merges its
# topmost two layers by RULE (mean by default) in each of RUNS runs (five by default), and copies the shards of the result by cp, once
# without and once with forcing them to disk. laco hashes what it writes and what it read, forces it to disk, reopens it and measures it;
# 'write' is all of that but the measuring, which is 'verify'. Prints seconds a run, then medians. All files are deleted in the end.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
[ $# -ge 1 ] || { echo "usage: write.sh WORK [RUNS]" >&2; exit 2; }
work=$1
runs=${2:-5}
layers=${LAYERS:-4}
laco=$here/../../laco
mkdir "$work"
trap 'rm -rf "$work"' EXIT

"$laco" synthesize "$work/model" --like llama-2-7b --layers "$layers" >&2
echo '{"input_ids": [1, 2, 3, 4, 5, 6, 7, 8]}' > "$work/ids.jsonl"

now() { date +%s.%N; }
record() { echo "$1 $2" | tee -a "$work/figures"; }
seconds() { sed -n "s/.*\"$1\" : \\([0-9.]*\\).*/\\1/p" "$work/report.json" | tail -n 1; }

# What was written before is on the disk when a copy begins.
timed() {
  name=$1
  shift
  sync
  begin=$(now)
  "$@"
  record "$name" "$(echo "$begin $(now)" | awk '{ printf "%.2f", $2 - $1 }')"
}
copy() { cp "$work/collapsed/"*.safetensors "$work/copy/"; }
copy_and_force() { copy && sync "$work/copy/"*; }

run=0
while [ "$run" -lt "$runs" ]; do
  run=$((run + 1))
  sync
  "$laco" collapse "$work/model" "$work/collapsed" --quiet --json --calibration "$work/ids.jsonl" \
    --layers 2 --interval 1 --low "$((layers - 2))" --high "$layers" --threshold -1 --rule "${RULE:-mean}" > "$work/report.json"
  record write "$(seconds write)"
  record verify "$(seconds verify)"
  for way in copy copy_and_force; do
    mkdir "$work/copy"
    timed "$way" "$way"
    rm -rf "$work/copy"
  done
  [ "$run" -gt 1 ] || du -b -c "$work/collapsed/"*.safetensors | awk 'END { print "bytes " $1 }'
  rm -rf "$work/collapsed"
done

echo "medians in seconds:"
for name in write verify copy copy_and_force; do
  awk -v name="$name" '$1 == name { print $2 }' "$work/figures" | sort -n |
    awk -v name="$name" '{ v[NR] = $1 } END { printf "%-15s %.2f\n", name, (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
done
