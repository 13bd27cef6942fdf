#!/bin/sh
# Kills a collapse with a fit and a training at a random moment, looks at what it left, resumes it, and compares bytes, many times.
#
#   laco-cli/src/test/scripts/kills.sh WORK [TIMES [SEED]]
#
# WORK   a directory to work in, which must not exist; it is removed if all went well
# TIMES  otherwise 50
# SEED   of the moments; otherwise 1
#
# LACO   the script to test; otherwise the one of this repository, built before
# MODEL  a small checkpoint with a tokenizer; otherwise the embedded one
#
# Prints a line for each fault, and counts: in which state the kills left things. Ends with 1 if there was a fault.
set -u

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../../.." && pwd -P)
: "${LACO:=$root/laco}" "${MODEL:=$root/laco-examples/model/model}"
[ $# -gt 0 ] && mkdir "$1" || {
  echo "usage: $0 WORK [TIMES [SEED]], WORK being a directory that doesn't exist" >&2
  exit 2
}
work=$(CDPATH='' cd -- "$1" && pwd -P)
times=${2:-50}
seed=${3:-1}
texts=$root/laco-examples/model

collapse() { # OUT OPTION…, in the place of this process
  out=$1
  shift
  exec "$LACO" collapse "$MODEL" "$out" --target-layers 8 --refit --refit-text "$texts/training.txt" --refit-tokens 2048 \
    --heal-text "$texts/training.txt" --heal-tokens 2048 --heal-validations 4 "$@"
}

now() { date +%s%N | cut -c 1-13; }
sums() { (cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2); }

"$LACO" families >"$work/log" 2>&1 || exit 1
start=$(now)
(collapse "$work/undisturbed") >"$work/log" 2>&1 || {
  cat "$work/log"
  exit 1
}
took=$(($(now) - start))
sums "$work/undisturbed" >"$work/expected"

nothing=0 journal=0 training=0 complete=0 faults=0
fault() {
  faults=$((faults + 1))
  echo "kill $kill after $after ms: $1"
}

kill=0
while [ "$kill" -lt "$times" ]; do
  kill=$((kill + 1))
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  after=$((seed / 256 % (took + 200)))
  out=$work/out
  (collapse "$out") >"$work/log" 2>&1 &
  pid=$!
  sleep "$((after / 1000)).$(printf %03d $((after % 1000)))"
  kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  if [ -e "$out" ]; then
    complete=$((complete + 1))
    sums "$out" | cmp -s - "$work/expected" || fault "what was left in OUT isn't the result"
  else
    if ls -d "$work"/.out.laco-training >/dev/null 2>&1; then
      training=$((training + 1))
    elif ls -d "$work"/.out.laco-journal >/dev/null 2>&1; then
      journal=$((journal + 1))
    else
      nothing=$((nothing + 1))
    fi
    if (collapse "$out" --resume) >"$work/log" 2>&1; then
      sums "$out" | cmp -s - "$work/expected" || fault "resumed, the result is another"
    else
      fault "resumed, it ended with $(tail -n 1 "$work/log")"
    fi
  fi
  rm -rf "$out"
  left=$(find "$work" -mindepth 1 -maxdepth 1 -name '.out.*')
  [ -z "$left" ] || fault "files were left: $left"
done
echo "$times kills within $took ms: $nothing before anything was kept, $journal with a journal, $training with a training's state," \
  "$complete after the result was there; $faults faults"
[ "$faults" = 0 ] && rm -rf "$work"
[ "$faults" = 0 ]
