// The reader that the fuzzer compares ours with: the versions that vCluster is built with.
module vcluster-guard/tests/fuzz

go 1.26.0

require sigs.k8s.io/yaml v1.6.0

// Newer than what sigs.k8s.io/yaml asks for.
require go.yaml.in/yaml/v2 v2.4.3 // indirect
