#!/bin/sh
# Brings the programs of the test control plane into .cache/bin of this checkout:
#
#   build.sh [SET]…   kubernetes (kube-apiserver, kube-controller-manager, kube-scheduler, kubectl),
#                     etcd, helm, openreports (the definition of its Report, which is text);
#                     without a name all four
#
# Programs that are at hand are taken (KUBEBUILDER_ASSETS first, then PATH), a whole set at a time:
# a scheduler of one version beside an API server of another tests no cluster that anyone runs.
# What is missing is built from the pinned Go modules beside this script, once: a stamp of the
# pins says when a build is stale. VCLUSTER_GUARD_TOOLS=build leaves PATH and KUBEBUILDER_ASSETS
# out of it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$here/../.." && pwd)/.cache/bin
# Definitions of kinds that others publish: the cluster tests install them.
definitions=${bin%/bin}/definitions

say() { printf 'tools: %s\n' "$*" >&2; }

# The version that a module of ours pins: pinned FOLDER MODULE
pinned() {
    awk -v module="$2" '{ sub(/^require /, "") } $1 == module { print $2; exit }' "$here/$1/go.mod"
}

kubernetes_version=$(pinned kubernetes k8s.io/kubernetes)
etcd_version=$(pinned etcd go.etcd.io/etcd/server/v3)
helm_version=$(pinned helm helm.sh/helm/v3)
kubernetes_programs='kube-apiserver kube-controller-manager kube-scheduler kubectl'

# The program as the user has it, or nothing: at_hand NAME
at_hand() {
    [ "${VCLUSTER_GUARD_TOOLS:-}" != build ] || return 0
    if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/$1" ]; then
        found=$KUBEBUILDER_ASSETS/$1
    else
        found=$(command -v "$1") || return 0
    fi
    found=$(cd "$(dirname "$found")" && pwd)/$1
    # Who works with the demo may have our own folder in PATH, and a link must not point to itself.
    if [ "$found" != "$bin/$1" ]; then
        echo "$found"
    elif [ -L "$found" ]; then
        readlink "$found"
    fi
}

# What a program says its version is, as vX.Y.Z: version_of NAME PATH
version_of() {
    case $1 in
    kubectl) "$2" version --client 2>/dev/null ;;
    helm) "$2" version --template '{{.Version}}' 2>/dev/null ;;
    *) "$2" --version 2>/dev/null ;;
    esac | sed -n 's/^[^0-9]*\([0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*\).*/v\1/p' | head -n 1
}

# Whether a version is one that the tests are written for: suits SET VERSION
suits() {
    case $1:$2 in
    kubernetes:v1.3[0-9].* | kubernetes:v1.[4-9][0-9].*) ;;
    etcd:v3.[5-9].*) ;;
    helm:v3.1[4-9].* | helm:v3.[2-9][0-9].*) ;;
    *) return 1 ;;
    esac
}

# Links a set that is at hand whole and in one suitable version: take SET PROGRAM…
take() {
    set_name=$1
    shift
    version=
    for program in "$@"; do
        path=$(at_hand "$program")
        [ -n "$path" ] || return 1
        theirs=$(version_of "$program" "$path")
        suits "$set_name" "$theirs" && [ "${version:-$theirs}" = "$theirs" ] || return 1
        version=$theirs
    done
    for program in "$@"; do
        ln -sf "$(at_hand "$program")" "$bin/$program"
    done
    rm -f "$bin/.$set_name.stamp"
    say "$set_name $version as found in KUBEBUILDER_ASSETS or PATH"
}

# What decides how a set is built: pins_of SET
pins_of() {
    cat "$here/$1/go.mod" "$here/$1/go.sum" "$here/build.sh" | cksum
}

# Whether a set was built from the present pins: is_built SET PROGRAM…
is_built() {
    [ "$(cat "$bin/.$1.stamp" 2>/dev/null)" = "$(pins_of "$1")" ] || return 1
    shift
    for program in "$@"; do
        [ -x "$bin/$program" ] || return 1
    done
}

need_go() {
    if ! command -v go >/dev/null; then
        cat >&2 <<EOF
tools: the cluster tests and the demo run a real Kubernetes control plane, and \`go\` is missing to build it.
Two ways out:
  1. install Go 1.26 or newer; the programs are then built once (about ten minutes on two cores)
     into .cache/bin;
  2. have them already: etcd 3.5+, helm 3.14+, and kube-apiserver, kube-controller-manager,
     kube-scheduler and kubectl of one version, 1.30+, in PATH or in the folder that
     KUBEBUILDER_ASSETS names (setup-envtest brings etcd, kube-apiserver and kubectl only); and the
     definition of reports.openreports.io as .cache/definitions/reports.openreports.io.yaml.
EOF
        exit 1
    fi
}

# Builds one set: build SET VERSION LDFLAGS PROGRAM=PACKAGE…
build() {
    set_name=$1 version=$2 flags=$3
    shift 3
    need_go
    say "building $set_name $version (once; later runs skip it)"
    new=$(mktemp -d "$bin/.new.XXXXXX")
    trap 'rm -rf "$new"' EXIT
    packages=
    for pair in "$@"; do
        packages="$packages ${pair#*=}"
    done
    # A go.work or a vendor habit of the user's must not reach the pins; cgo would need a C compiler.
    # shellcheck disable=SC2086 # a list of packages
    if [ $# -eq 1 ]; then
        target="$new/${1%%=*}"
    else
        target="$new/"
    fi
    # shellcheck disable=SC2086 # a list of packages
    if ! GOWORK=off CGO_ENABLED=0 go build -C "$here/$set_name" -mod=readonly -trimpath \
        -ldflags "-s -w $flags" -o "$target" $packages; then
        say "building $set_name failed; it needs Go 1.26 or newer (this is $(go env GOVERSION)) and a reachable module proxy"
        exit 1
    fi
    for pair in "$@"; do
        mv -f "$new/${pair%%=*}" "$bin/${pair%%=*}"
    done
    rm -rf "$new"
    trap - EXIT
    pins_of "$set_name" >"$bin/.$set_name.stamp"
}

# Link flags by which both version packages of Kubernetes say VERSION: kubernetes_flags VERSION
# Without them kubectl calls itself v0.0.0 and helm's capability checks fail.
kubernetes_flags() {
    minor=${1#v1.}
    minor=${minor%%.*}
    for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
        printf ' -X %s.gitVersion=%s -X %s.gitMajor=1 -X %s.gitMinor=%s' \
            "$package" "$1" "$package" "$package" "$minor"
    done
}

# Link flags by which helm knows its version and, without a cluster, the newest Kubernetes.
helm_flags() {
    minor=${kubernetes_version#v1.}
    minor=${minor%%.*}
    printf ' -X helm.sh/helm/v3/internal/version.version=%s' "$helm_version"
    for package in chartutil lint/rules; do
        printf ' -X helm.sh/helm/v3/pkg/%s.k8sVersionMajor=1' "$package"
        printf ' -X helm.sh/helm/v3/pkg/%s.k8sVersionMinor=%s' "$package" "$minor"
    done
}

# Takes the definition of a kind out of a module: publish SET MODULE FILE NAME
publish() {
    set_name=$1
    if [ -f "$definitions/$4" ]; then
        [ "$(cat "$definitions/.$set_name.stamp" 2>/dev/null)" != "$(pins_of "$set_name")" ] || return 0
        # One that was put there by hand.
        command -v go >/dev/null || return 0
    fi
    need_go
    folder=$(GOWORK=off go mod download -C "$here/$set_name" -json "$2" | awk -F '"' '$2 == "Dir" { print $4 }')
    if [ ! -f "$folder/$3" ]; then
        say "$2 has no $3, or cannot be had; go mod download says why"
        exit 1
    fi
    mkdir -p "$definitions"
    install -m 644 "$folder/$3" "$definitions/$4"
    pins_of "$set_name" >"$definitions/.$set_name.stamp"
    say "$set_name $(pinned "$set_name" "$2")"
}

# shellcheck disable=SC2086 # lists of programs
bring() {
    case $1 in
    kubernetes)
        if is_built kubernetes $kubernetes_programs || take kubernetes $kubernetes_programs; then
            return
        fi
        pairs=
        for program in $kubernetes_programs; do
            pairs="$pairs $program=k8s.io/kubernetes/cmd/$program"
        done
        build kubernetes "$kubernetes_version" "$(kubernetes_flags "$kubernetes_version")" $pairs
        ;;
    etcd)
        if is_built etcd etcd || take etcd etcd; then
            return
        fi
        build etcd "$etcd_version" '' etcd=go.etcd.io/etcd/server/v3
        ;;
    helm)
        if is_built helm helm || take helm helm; then
            return
        fi
        build helm "$helm_version" "$(helm_flags)" helm=helm.sh/helm/v3/cmd/helm
        ;;
    openreports)
        publish openreports github.com/openreports/reports-api \
            config/crd/openreports.io_reports.yaml reports.openreports.io.yaml
        ;;
    *)
        say "unknown set $1: choose from kubernetes, etcd, helm and openreports"
        exit 2
        ;;
    esac
}

mkdir -p "$bin"
[ $# -gt 0 ] || set -- kubernetes etcd helm openreports
for wanted in "$@"; do
    bring "$wanted"
done
