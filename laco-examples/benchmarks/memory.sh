#!/bin/sh
# Opens, collapses, writes and closes a checkpoint many times in one process, as a service would, and prints its anonymous memory (RssAnon)
# after 10 and after each 50 of them, with the flags of ./laco. Linux only.
#
#   laco-examples/benchmarks/memory.sh [MODEL [CYCLES]]
#
# MODEL      a checkpoint with a tokenizer; otherwise the embedded one
# CYCLES     otherwise 200
# JAVA_HOME  the JDK; otherwise the java on the PATH
# FLAGS      flags of the virtual machine instead of those of ./laco, such as -Xmx1g alone
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
"$root/laco" families >/dev/null # builds it
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
classes="$root/laco-cli/target/*:$root/laco-cli/target/lib/*"
"${bin}javac" -d "$work" -cp "$classes" "$root/laco-examples/benchmarks/Cycles.java"

export MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_TRIM_THRESHOLD_=1048576
flags=${FLAGS:--Xmx1g -Xmn16m -Xms32m -XX:+UseSerialGC}
# shellcheck disable=SC2086
"${bin}java" $flags -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 \
  -cp "$work:$classes" Cycles "${1:-$root/laco-examples/model/model}" "$work" "${2:-200}" 2>"$work/err" || {
  cat "$work/err" >&2
  exit 1
}
