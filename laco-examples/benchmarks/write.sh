#!/bin/sh
# Compares writing a collapsed checkpoint with copying as many bytes, in turns.
#
#   ./write.sh WORK [RUNS]
#
# Makes a random checkpoint of the shape of Llama-2-7B with LAYERS layers (four by default, 2.1 GB) in the new directory WORK, merges its
# topmost two layers by RULE (mean by default) in each of RUNS runs (five by default), once with and once without checksums, and copies
# the shards of the result by cp: alone, with forcing them to disk, and with hashing what is read and written too. laco forces what it
# writes to disk, reopens it and measures it; 'write' is all of that but the measuring, which is 'verify'. Before each of them,
# everything written is on disk, and the whole memory is filled with pages of files, as on a machine that has been in use for a while:
# what is read is there, and every page written takes the place of another one. Where memory is free instead, a virtual machine may have
# returned it to its host, and then getting it back takes several times as long as the copy. Prints seconds a run, then medians. All files
# are deleted in the end.
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

# Reading a hole fills memory and needs no disk.
settle() {
  sync
  cat "$work"/model/*.safetensors "$work"/kept/*.safetensors "$work/hole" "$work"/model/*.safetensors "$work"/kept/*.safetensors > /dev/null
}

timed() {
  name=$1
  shift
  settle
  begin=$(now)
  "$@"
  record "$name" "$(echo "$begin $(now)" | awk '{ printf "%.2f", $2 - $1 }')"
}
collapse() {
  out=$1
  shift
  "$laco" collapse "$work/model" "$out" --quiet --json --calibration "$work/ids.jsonl" "$@" \
    --layers 2 --interval 1 --low "$((layers - 2))" --high "$layers" --threshold -1 --rule "${RULE:-mean}" > "$work/report.json"
}
collapsed() {
  name=$1
  shift
  settle
  collapse "$work/collapsed" "$@"
  record "$name" "$(seconds write)"
  record verify "$(seconds verify)"
  rm -rf "$work/collapsed"
}
copy() { cp "$work/kept/"*.safetensors "$work/copy/"; }
copy_and_force() { copy && sync "$work/copy/"*; }
digest() { if command -v openssl > /dev/null; then openssl dgst -sha256 "$@"; else sha256sum "$@"; fi > /dev/null; }
# What laco does by default, but for the merging: the source is hashed meanwhile, and the copy when it is complete.
copy_and_hash() {
  digest "$work"/model/*.safetensors &
  copy_and_force
  digest "$work/copy/"*
  wait
}

collapse "$work/kept"
du -b -c "$work/kept/"*.safetensors | awk 'END { print "bytes " $1 }'
awk '/^MemTotal/ { printf "%dK", $2 * 0.9 }' /proc/meminfo | xargs -I{} truncate -s {} "$work/hole"
run=0
while [ "$run" -lt "$runs" ]; do
  run=$((run + 1))
  collapsed write
  collapsed write_without_checksums --no-checksums
  for way in copy copy_and_force copy_and_hash; do
    mkdir "$work/copy"
    timed "$way" "$way"
    rm -rf "$work/copy"
  done
done

echo "medians in seconds:"
for name in write write_without_checksums verify copy copy_and_force copy_and_hash; do
  awk -v name="$name" '$1 == name { print $2 }' "$work/figures" | sort -n |
    awk -v name="$name" '{ v[NR] = $1 } END { printf "%-23s %.2f\n", name, (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
done
