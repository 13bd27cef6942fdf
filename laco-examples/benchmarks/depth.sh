#!/bin/sh
# Measures what a search costs against the model's depth: random models of one width, a search that accepts nothing.
#
#   ./depth.sh OUT [RUNS]
#
# Writes the models and what each run printed into the new directory OUT, prints a table of medians over RUNS (three by default), and draws
# it as OUT/depth-*.svg. The series 'waves' is the default search; 'memory-bound' is the one within a bound (MEMORY, by default 4GB), which measures
# as many candidates together as fit. LAYERS names other depths than 4, 8, 16, 32 and 64, and SHAPE another width than SmolLM2-135M's.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
[ $# -ge 1 ] || { echo "usage: depth.sh OUT [RUNS]" >&2; exit 2; }
out=$1
runs=${2:-3}
laco=$here/../../laco
mkdir "$out"

# Five sequences, 73 tokens.
for length in 15 14 15 14 15; do
  awk -v n="$length" 'BEGIN { for (i = 1; i <= n; i++) s = s (i > 1 ? ", " : "") (i * 37 + n * 11) % 300; print "{\"input_ids\": [" s "]}" }'
done > "$out/ids.jsonl"

for layers in ${LAYERS:-4 8 16 32 64}; do
  "$laco" synthesize "$out/model-$layers" --like "${SHAPE:-smollm2-135m}" --layers "$layers" >&2
done

run=0
while [ "$run" -lt "$runs" ]; do
  run=$((run + 1))
  for layers in ${LAYERS:-4 8 16 32 64}; do
    set -- collapse "$out/model-$layers" --no-write --quiet --json --calibration "$out/ids.jsonl" \
      --layers 4 --interval 2 --low 0 --high "$layers" --threshold 1
    "$laco" "$@" > "$out/waves-$layers-$run.json"
    "$laco" "$@" --memory "${MEMORY:-4GB}" > "$out/memory-bound-$layers-$run.json"
  done
done

"${JAVA_HOME:+$JAVA_HOME/bin/}java" -Djava.awt.headless=true \
  -cp "$here/../../laco-cli/target/classes:$here/../../laco-cli/target/lib/*" org.laco.depth.DepthPlot "$out"
