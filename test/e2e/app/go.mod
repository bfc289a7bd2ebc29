module westage.dev/test/e2e/app

go 1.26.3
