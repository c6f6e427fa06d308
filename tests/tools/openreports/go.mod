// The definition of reports.openreports.io as its authors publish it: what the auditor writes must be accepted by it.
module vcluster-guard/tests/tools/openreports

go 1.26.0

require github.com/openreports/reports-api v0.2.1
