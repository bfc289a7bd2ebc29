module westage.dev/test/jobs/callback-pod

go 1.26.3
