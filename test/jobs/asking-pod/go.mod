module westage.dev/test/jobs/asking-pod

go 1.26.3
