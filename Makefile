# make demo   install what is missing, build, run the main job, leave recordings and pictures in out/
# make test   the same preparation, then all tests
# The rest is listed by `make help`.

SHELL := bash
.DEFAULT_GOAL := build

# Open MPI refuses to run as root unless told so, which containers and CI are.
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.7.0

.PHONY: help deps build cuda gpu-kit demo test test-cuda lint generate bench bench-ratios check-slow clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

deps: ## install system packages that are missing
	@scripts/install-deps

build: deps ## build bin/nkrun
	go build -o bin/nkrun ./cmd/nkrun

cuda: deps ## build bin/nkrun-cuda, which runs LPUs on NVIDIA GPUs
	set -e; settings=$$(scripts/cuda-deps); eval "$$settings"; go build -tags cuda -o bin/nkrun-cuda ./cmd/nkrun

gpu-kit: deps ## leave in build/gpu-kit what scripts/gpu-check needs on a machine with a GPU
	scripts/cuda-kit build/gpu-kit

demo: build ## run the notebook's two LPUs, alone and connected, in one process and under mpirun
	scripts/demo out

test: build ## run all tests
	go test ./...

test-cuda: deps ## run the tests of the CUDA engine, without a GPU
	scripts/cuda-test

lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt-ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

generate: ## generate what is generated from the models
	set -e; settings=$$(scripts/cuda-deps nvrtc); eval "$$settings"; unset CGO_CFLAGS CGO_LDFLAGS; LD_LIBRARY_PATH=$$NKRUN_NVRTC go generate ./...

bench: build ## time the main job at 1, 10 and 100 times its size
	go test -run '^$$' -bench Generic -benchtime 1x ./worker

bench-ratios: build ## compare with plain C loops on benchmark networks (made in $NKRUN_NETWORKS, else ~/.cache/nkrun/networks)
	scripts/bench-ratios

check-slow: build ## checks that take long: fuzzing, races, reports in a browser
	go test -race -timeout 60m ./...
	go test -tags slow -run KillAndResumeLong ./internal/cli
	scripts/fuzz 20s
	scripts/check-report

clean: ## remove what was built
	rm -rf bin out
