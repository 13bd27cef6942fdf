#!/bin/sh
# Starts and stops a standalone cluster of Spark on this machine's loopback: a master and workers, each a process.
#
#   cluster.sh start DIRECTORY WORKERS [CORES]   starts them, with their logs and numbers in DIRECTORY, and prints the master's address
#   cluster.sh kill DIRECTORY NUMBER             kills a worker, and with it its executors; the first is 1
#   cluster.sh stop DIRECTORY                    stops all that is left
#
# SPARK_HOME  an installation of Spark: its jars are in SPARK_HOME/jars
# PIN         if it isn't empty, each worker and its executors stay on a processor of their own
# JAVA_HOME   the JDK to use; otherwise the java on the PATH
set -eu

fail() {
  echo "cluster.sh: $1" >&2
  exit 1
}

[ $# -ge 2 ] || fail "expected start DIRECTORY WORKERS [CORES], kill DIRECTORY NUMBER or stop DIRECTORY"
command=$1
directory=$2
shift 2

if [ -n "${JAVA_HOME:-}" ]; then java=$JAVA_HOME/bin/java; else java=java; fi

pin=
launch() {
  name=$1
  shift
  flags=
  for package in java.lang java.lang.invoke java.net java.nio java.util java.util.concurrent sun.nio.ch sun.security.action; do
    flags="$flags --add-opens=java.base/$package=ALL-UNNAMED"
  done
  # shellcheck disable=SC2086
  nohup $pin "$java" $flags -Xmx512m -cp "$SPARK_HOME/jars/*" "$@" >"$directory/$name.log" 2>&1 </dev/null &
  echo $! >"$directory/$name.pid"
}

# Waits for a line of a log.
await() {
  tries=0
  until grep -q "$2" "$directory/$1.log"; do
    tries=$((tries + 1))
    kill -0 "$(cat "$directory/$1.pid")" 2>/dev/null || fail "$1 ended: see $directory/$1.log"
    [ "$tries" -lt 240 ] || fail "$1 doesn't start: see $directory/$1.log"
    sleep 0.5
  done
}

case $command in
  start)
    [ $# -ge 1 ] || fail "expected the number of workers"
    [ -d "${SPARK_HOME:-}/jars" ] || fail "SPARK_HOME is '${SPARK_HOME:-}', and there is no directory jars in it"
    # What Spark's own scripts would find out.
    export SPARK_HOME SPARK_LOCAL_IP=127.0.0.1 SPARK_SCALA_VERSION="${SPARK_SCALA_VERSION:-2.13}"
    mkdir -p "$directory"
    launch master org.apache.spark.deploy.master.Master --host 127.0.0.1 --port 0 --webui-port 0
    await master 'Starting Spark master at '
    url=$(sed -n 's/.*Starting Spark master at \(spark:[^ ]*\).*/\1/p' "$directory/master.log")
    worker=1
    while [ "$worker" -le "$1" ]; do
      [ -z "${PIN:-}" ] || pin="taskset -c $((worker - 1))"
      launch "worker-$worker" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 --cores "${2:-1}" --memory 3g \
        --work-dir "$directory/work-$worker" "$url"
      worker=$((worker + 1))
    done
    worker=1
    while [ "$worker" -le "$1" ]; do
      await "worker-$worker" 'Successfully registered with master'
      worker=$((worker + 1))
    done
    echo "$url"
    ;;
  kill)
    [ $# -eq 1 ] || fail "expected the number of a worker"
    kill -9 "$(cat "$directory/worker-$1.pid")"
    ;;
  stop)
    for file in "$directory"/*.pid; do
      kill "$(cat "$file")" 2>/dev/null || true
      rm -f "$file"
    done
    ;;
  *) fail "unknown command $command" ;;
esac
