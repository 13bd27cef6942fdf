#!/bin/sh
# Compares writing a collapsed checkpoint with copying as many bytes, in turns.
#
#   ./write.sh WORK [RUNS]
#
# Makes a random checkpoint of the shape of Llama-2-7B with LAYERS layers (four by default, 2.1 GB) in the new directory WORK, merges its
# topmost two layers by RULE (mean by default) in each of RUNS runs (five by default), and copies the shards of the result by cp, once
# without and once with forcing them to disk. laco hashes what it writes and what it read, forces it to disk, reopens it and measures it;
# 'write' is all of that but the measuring, which is 'verify'. Each writing begins PAUSE seconds (eight by default) after what the last
# one wrote was deleted: many virtual machines give freed memory back to their host after two or three, and get it again at a few hundred
# megabytes a second, so that a copy at once after a deletion would have the memory that laco, which searches first, has not. Prints
# seconds a run, then medians. All files are deleted in the end.
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

# What was written before is on the disk, and what was deleted is forgotten.
rest() { sync && sleep "${PAUSE:-8}"; }

timed() {
  name=$1
  shift
  rest
  begin=$(now)
  "$@"
  record "$name" "$(echo "$begin $(now)" | awk '{ printf "%.2f", $2 - $1 }')"
}
collapse() {
  "$laco" collapse "$work/model" "$1" --quiet --json --calibration "$work/ids.jsonl" \
    --layers 2 --interval 1 --low "$((layers - 2))" --high "$layers" --threshold -1 --rule "${RULE:-mean}" > "$work/report.json"
}
copy() { cp "$work/kept/"*.safetensors "$work/copy/"; }
copy_and_force() { copy && sync "$work/copy/"*; }

collapse "$work/kept"
du -b -c "$work/kept/"*.safetensors | awk 'END { print "bytes " $1 }'
mkdir "$work/copy"
copy_and_force
rm -rf "$work/copy"
run=0
while [ "$run" -lt "$runs" ]; do
  run=$((run + 1))
  rest
  collapse "$work/collapsed"
  record write "$(seconds write)"
  record verify "$(seconds verify)"
  rm -rf "$work/collapsed"
  for way in copy copy_and_force; do
    mkdir "$work/copy"
    timed "$way" "$way"
    rm -rf "$work/copy"
  done
done

echo "medians in seconds:"
for name in write verify copy copy_and_force; do
  awk -v name="$name" '$1 == name { print $2 }' "$work/figures" | sort -n |
    awk -v name="$name" '{ v[NR] = $1 } END { printf "%-15s %.2f\n", name, (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
done
