#!/bin/sh
# Compares laco's whole process with the same search in PyTorch, by the authors' procedure and by an improved one, in turns.
#
#   PYTHON=…/bin/python ./compare.sh MODEL [RUNS]
#
# MODEL is a Hugging Face directory of the Llama family; PYTHON has torch and transformers. Prints a line of figures a run, then the
# medians over RUNS (five by default) and their ratios to laco's. THREADS limits all of them to so many threads: on a machine that
# others use, compare processor seconds at THREADS=1, since waiting for one another there costs whatever the others leave.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
[ $# -ge 1 ] || { echo "usage: compare.sh MODEL [RUNS]" >&2; exit 2; }
model=$1
runs=${2:-5}
python=${PYTHON:-python3}
laco=$here/../../laco
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -n "${THREADS:-}" ]; then
  export OMP_NUM_THREADS="$THREADS" MKL_NUM_THREADS="$THREADS" OPENBLAS_NUM_THREADS="$THREADS"
  export LACO_JAVA_OPTS="-XX:ActiveProcessorCount=$THREADS ${LACO_JAVA_OPTS:-}"
fi

"$laco" --version >/dev/null # builds it, if it must be

i=0
while [ "$i" -lt "$runs" ]; do
  i=$((i + 1))
  "$python" "$here/measure.py" laco "$work/figures" "$laco" collapse "$model" "$work/out-$i" \
    --layers 4 --interval 2 --low 1 --threshold 0.65 --calibration "$here/sentences.txt" --json
  rm -rf "$work/out-$i"
  for procedure in improved official; do
    "$python" "$here/measure.py" "$procedure" "$work/figures" \
      "$python" "$here/${procedure}_procedure.py" "$model" "$here/sentences.txt"
  done
done
"$python" "$here/measure.py" --ratios "$work/figures"
