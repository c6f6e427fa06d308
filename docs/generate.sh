#!/bin/sh
# Writes what is generated from the table of rules: docs/rules.md, and the table in README.md. With --check it only
# says whether they are stale.
#
#   docs/generate.sh [--check] PATH-OF-VCLUSTER-GUARD
set -eu
check=
if [ "${1:-}" = --check ]; then
  check=1
  shift
fi
guard=${1:?the path of vcluster-guard}
docs=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$guard" rules explain > "$work/rules.md"
"$guard" rules -o markdown > "$work/table"
awk -v table="$work/table" '
  /<!-- rules:end/ { skipping = 0 }
  !skipping { print }
  /<!-- rules:begin/ { while ((getline line < table) > 0) print line; skipping = 1 }
' "$docs/../README.md" > "$work/README.md"

# put NEW OLD
put() {
  if [ -z "$check" ]; then
    cat "$1" > "$2"
  elif ! cmp -s "$1" "$2"; then
    echo "error: $2 is stale; run docs/generate.sh target/debug/vcluster-guard" >&2
    exit 1
  fi
}
put "$work/rules.md" "$docs/rules.md"
put "$work/README.md" "$docs/../README.md"
