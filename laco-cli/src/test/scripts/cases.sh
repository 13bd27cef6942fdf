#!/bin/sh
# Runs the check.sh of every folder in a folder of cases, and prints a line for each and the counts.
#
#   laco-cli/src/test/scripts/cases.sh CASES [NAME]…
#
# A check is run as LACO=… MODEL=… sh check.sh and prints PASS, SKIP: why, or FAIL: why. Names choose some of the cases.
#
# LACO   the script to test; otherwise the one of this repository, built before
# MODEL  a small checkpoint; otherwise the embedded one
#
# Ends with 1 if a check fails.
set -u

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../../.." && pwd -P)
: "${LACO:=$root/laco}" "${MODEL:=$root/laco-examples/model/model}"
export LACO MODEL

[ $# -gt 0 ] && [ -d "$1" ] || {
  echo "usage: $0 CASES [NAME]…" >&2
  exit 2
}
cases=$(CDPATH='' cd -- "$1" && pwd -P)
shift
[ $# -gt 0 ] || set -- "$cases"/*/

passed=0 failed=0 skipped=0
for case in "$@"; do
  name=$(basename -- "$case")
  check=$cases/$name/check.sh
  [ -f "$check" ] || continue
  result=$(timeout 300 sh "$check" </dev/null 2>/dev/null | tail -n 1)
  case $result in
    PASS*) passed=$((passed + 1)) ;;
    SKIP*) skipped=$((skipped + 1)) ;;
    *)
      failed=$((failed + 1))
      result=${result:-FAIL: it printed nothing}
      ;;
  esac
  printf '%-40s %s\n' "$name" "$(printf %s "$result" | cut -c 1-300)"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
