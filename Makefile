# For people; the build itself is described in CMakeLists.txt.
#
#   make            build ./ytterby
#   make demo       install what is missing, build, run the rare-earth case, write its report
#   make test       all tests
#   make bench      measurements of speed, beside other solvers (QUICK=1: in three minutes; SEED=n)
#   make sanitize   tests under the address and undefined-behaviour sanitizers
#   make format     bring C sources into shape
#   make web        rebuild the report's charts (needs Node)
#   make clean      remove what was built

JOBS := $(shell nproc 2>/dev/null || echo 2)
CASE := cases/rare-earths

.PHONY: all build demo test bench sanitize format web clean install-deps

all: build

build:
	@test -f build/build.ninja || cmake --preset default
	@cmake --build build -j $(JOBS)

install-deps:
	@tools/install-deps.sh

demo: install-deps
	@$(MAKE) --no-print-directory build
	./ytterby run $(CASE) -o base.ytt --force
	./ytterby report base.ytt -o rare-earths.html
	@echo
	@echo "The report is $(CURDIR)/rare-earths.html; open it in a browser."

test: install-deps
	@$(MAKE) --no-print-directory build
	@tools/run-tests.sh build

bench: build
	@cmake --build build --target bench -j $(JOBS)
	@tools/run-bench.sh build $(if $(QUICK),--quick) $(if $(SEED),--seed $(SEED))

sanitize:
	@test -f build-sanitize/build.ninja || cmake --preset sanitize
	@cmake --build build-sanitize -j $(JOBS)
	@tools/run-tests.sh build-sanitize 'unit|oracle|fuzz'

format:
	@tools/check-format.sh --fix

web:
	@cd web && npm ci && npm run build

clean:
	rm -rf build build-sanitize build-debug build-clang build-fuzz ytterby
