#!/bin/sh
# Times a search for runs with a fit on a cluster of this machine's processes: laco alone on two cores, one worker of one core, two workers
# of one core each. On a machine that does nothing else.
#
#   SPARK_HOME=… ./cluster.sh MODEL TEXT OUT [LAYERS [TOKENS [COMPARED]]]
#
# TEXT is what candidates are compared on, in pieces of COMPARED tokens in all (512 by default), and fitted to, TOKENS of it (6144 by
# default); LAYERS is the target, 24 by default. Each is searched for twice in one process:
# the second time executors have the model open. Prints times and ratios, and fails if weights or record differ. Needs taskset.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
[ $# -ge 3 ] || { echo "usage: SPARK_HOME=… cluster.sh MODEL TEXT OUT [LAYERS [TOKENS [COMPARED]]]" >&2; exit 2; }
[ -d "${SPARK_HOME:-}/jars" ] || { echo "cluster.sh: SPARK_HOME has no directory jars" >&2; exit 2; }
model=$1 text=$2 out=$3 layers=${4:-24} tokens=${5:-6144} compared=${6:-512}
home=$here/../..
lib=$home/laco-cli/target/lib
script=$home/laco-spark/src/test/scripts/cluster.sh
mkdir "$out"
trap 'sh "$script" stop "$out/cluster" 2>/dev/null || true' EXIT

flags="-Xmx1g -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 -XX:+UseSerialGC"
for package in java.lang java.lang.invoke java.net java.nio java.util java.util.concurrent sun.nio.ch sun.security.action; do
  flags="$flags --add-opens=java.base/$package=ALL-UNNAMED"
done
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
mkdir "$out/classes"
# Of the jars, executors are sent those that aren't Spark's.
class_path="$(ls "$lib"/slf4j-simple-*.jar):$SPARK_HOME/jars/*:$lib/*"
"${java}c" -proc:none -d "$out/classes" -cp "$class_path" "$here/ClusterTiming.java"
jar=${JAVA_HOME:+$JAVA_HOME/bin/}jar
"$jar" cf "$out/timing.jar" -C "$out/classes" .

search() {
  name=$1
  shift
  # shellcheck disable=SC2086
  taskset -c 0,1 "$java" $flags -cp "$class_path:$out/timing.jar" ClusterTiming "$model" "$text" "$layers" "$tokens" "$compared" "$out/$name" "$@" \
    2>"$out/$name.log" | tee "$out/$name.txt"
}

echo "alone, two cores"
search alone
for workers in 1 2; do
  echo "$workers worker(s) of one core"
  address=$(PIN=yes sh "$script" start "$out/cluster" "$workers")
  search "workers-$workers" "$address"
  sh "$script" stop "$out/cluster"
  rm -rf "$out/cluster"
done

second() { sed 's/.*second \([0-9.]*\) s.*/\1/' "$out/$1.txt"; }
awk -v alone="$(second alone)" -v one="$(second workers-1)" -v two="$(second workers-2)" 'BEGIN {
  printf "two workers against one: %.2f times as fast; against laco alone: %.2f times as long\n", one / two, two / alone }'
for name in workers-1 workers-2; do
  [ "$(sed 's/.*weights/weights/' "$out/$name.txt")" = "$(sed 's/.*weights/weights/' "$out/alone.txt")" ] ||
    { echo "cluster.sh: $name wrote other bytes than laco alone" >&2; exit 1; }
done
