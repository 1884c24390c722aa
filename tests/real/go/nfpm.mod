module nfpmparts

go 1.26.0

require github.com/goreleaser/nfpm/v2 v2.45.2
