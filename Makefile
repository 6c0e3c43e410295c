# Short names for what is run by hand; .ci/run is the whole of it, on a bare machine.

TOOL  := go tool -modfile=$(CURDIR)/.ci/tools/go.mod
BENCH ?= .
FUZZ  ?= 30s

.PHONY: test race lint format generate bench fuzz

test: ## what the README says
	go test ./...

race:
	go test -race -timeout 30m ./...

lint:
	.ci/lint

format:
	$(TOOL) gofumpt -w .

generate: ## wire_gen.go beside each wire.go
	$(TOOL) wire gen $$(find . -name wire.go -not -path './test/outside/*' -exec dirname {} \;)
	@if [ -f test/outside/wire.go ]; then cd test/outside && $(TOOL) wire gen .; fi

bench: ## BENCH=regexp
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

fuzz: ## each target for FUZZ=30s
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "== $$(dirname "$$file") $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime '$(FUZZ)' -fuzzminimizetime 2s "$$(dirname "$$file")" || exit 1; \
		done; \
	done
