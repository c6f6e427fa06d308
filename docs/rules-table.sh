#!/bin/sh
# Puts the table of rules into README.md, or with --check says whether it is there already.
#
#   docs/rules-table.sh [--check] PATH-OF-VCLUSTER-GUARD
set -eu
check=
if [ "${1:-}" = --check ]; then
  check=1
  shift
fi
guard=${1:?the path of vcluster-guard}
readme=$(dirname "$0")/../README.md
table=$(mktemp)
fresh=$(mktemp)
trap 'rm -f "$table" "$fresh"' EXIT
"$guard" rules -o markdown > "$table"
awk -v table="$table" '
  /<!-- rules:end/ { skipping = 0 }
  !skipping { print }
  /<!-- rules:begin/ { while ((getline line < table) > 0) print line; skipping = 1 }
' "$readme" > "$fresh"
if [ -z "$check" ]; then
  cat "$fresh" > "$readme"
elif ! cmp -s "$fresh" "$readme"; then
  echo 'error: the table of rules in README.md is stale; run docs/rules-table.sh target/debug/vcluster-guard' >&2
  exit 1
fi
