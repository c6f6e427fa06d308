#!/usr/bin/env bash
# Writes install.yaml, the chart rendered for those who install without helm: release and namespace `vcluster-guard`,
# certificates by cert-manager. With --check it writes nothing and fails when the file is stale.
set -euo pipefail
cd "$(dirname "$0")"

fail() {
  echo "error: $*" >&2
  exit 1
}

# The pinned helm first: another version may order or indent differently.
pinned=../.cache/bin/helm
helm=${HELM:-$([ -x "$pinned" ] && echo "$pinned" || echo helm)}
command -v "$helm" >/dev/null ||
  fail 'helm was not found. Build the pinned one with tests/tools/build.sh helm, or set HELM=/path/to/helm.'

render() {
  cat <<'YAML'
# Generated from deploy/chart by deploy/render.sh. Change the chart, not this file.
# Needs cert-manager, and an image in place of registry.corp.example/vcluster-guard.
---
apiVersion: v1
kind: Namespace
metadata:
  name: vcluster-guard
  labels:
    pod-security.kubernetes.io/enforce: restricted
YAML
  # A fixed Kubernetes version, because helm's own default differs per release of helm.
  "$helm" template vcluster-guard chart \
    --namespace vcluster-guard --kube-version 1.30.0 --set certificates.mode=cert-manager
}

case ${1-} in
  '')
    rendered=$(render)
    printf '%s\n' "$rendered" >install.yaml
    ;;
  --check)
    rendered=$(render)
    printf '%s\n' "$rendered" | diff -u install.yaml - ||
      fail 'deploy/install.yaml is stale. Run deploy/render.sh and commit the result.'
    ;;
  *) fail "unknown argument $1; usage: deploy/render.sh [--check]" ;;
esac
