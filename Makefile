# Two commands: `make play` hears and plays, `make test` runs every test. Both set up what is
# missing, once: .venv with pinned packages, the compiled parts, sideman~ for Pure Data.
#   make play [IN=any.wav] [PARTS="bass drums"] [BACKEND=echo|remote] [BPM=120] [MODEL=mini] [OUT=build/play]
#   make test            all tests; make test-cpp, test-sanitizers, test-python are its parts
#   make check-max MAX_SDK=path [SAMPLERATE=path] [SODIUM=path] [ASIO=path]    builds and checks
#                        sideman~ for Max (Linux, Windows, macOS) against a checkout of max-sdk-base

SHELL := /bin/sh
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell nproc 2>/dev/null || echo 2)

IN ?=
PARTS ?=
BACKEND ?= embedded
BPM ?=
MODEL ?= mini
OUT ?= build/play

# Runs a command with its words in build/NAME.log, which are shown when it fails.
quietly = { $(2); } >build/$(1).log 2>&1 || { cat build/$(1).log; exit 1; }

CPP_SOURCES := $(shell find externals cmake CMakeLists.txt CMakePresets.json -type f)

.PHONY: play test test-cpp test-sanitizers test-python check-max setup pd clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

# ---- set up, once -----------------------------------------------------------------------------
SYSTEM := build/.system-$(subst /,-,$(PYTHON))

$(SYSTEM)-play $(SYSTEM)-test: $(SYSTEM)-%: tools/system_packages.sh
	@mkdir -p build
	tools/system_packages.sh $* "$(PYTHON)"
	@touch $@

$(VENV)/bin/python: | $(SYSTEM)-play
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v <= (3, 13) else f"Python {v[0]}.{v[1]} cannot be used: Sideman needs 3.10 to 3.13; run: make PYTHON=/path/to/python3.11 play")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.packages: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -q --upgrade pip
	$(PIP) install -q -c constraints.txt torch
	$(PIP) install -q -c constraints.txt scikit-build-core pybind11 cython ninja
	@touch $@

$(VENV)/.compiled: $(VENV)/.packages $(CPP_SOURCES)
	$(PIP) install -q -c constraints.txt --no-build-isolation --editable '.[test]'
	@touch $@

pd: $(SYSTEM)-play
	@$(call quietly,pd,cmake --preset release && cmake --build --preset release)

setup: $(VENV)/.compiled pd

# ---- play -------------------------------------------------------------------------------------
play: setup
	@$(VENV)/bin/sideman play $(if $(IN),"$(IN)") --host pd --backend $(BACKEND) --model "$(MODEL)" \
	  $(foreach part,$(PARTS),--part $(part)) $(if $(BPM),--bpm $(BPM)) --out "$(OUT)"

# ---- test -------------------------------------------------------------------------------------
test: test-cpp test-sanitizers test-python

test-cpp: $(SYSTEM)-test $(VENV)/.compiled
	cmake --preset tests
	cmake --build --preset tests
	ctest --preset tests -E ten_minutes
	ctest --preset tests -R ten_minutes -j 2

test-sanitizers: $(SYSTEM)-test $(VENV)/.compiled
	cmake --preset asan
	cmake --build --preset asan
	ctest --preset asan
	cmake --preset tsan
	cmake --build --preset tsan
	ctest --preset tsan

# These hang on the clock: nothing shall run beside them.
ALONE := tests/python/playing tests/python/serve tests/python/test_bridge.py \
  tests/python/test_core_engine.py tests/patches

# With SIDEMAN_TEST_ALL a test that is skipped fails, but for what tests/conftest.py names.
test-python: export SIDEMAN_TEST_ALL = 1
test-python: $(SYSTEM)-test setup
	$(VENV)/bin/python -m pytest -n $(CMAKE_BUILD_PARALLEL_LEVEL) --dist loadfile tests/python $(ALONE:%=--ignore=%)
	$(VENV)/bin/python -m pytest $(ALONE)

check-max: setup
	$(VENV)/bin/python tools/check_max_build.py --sdk "$(MAX_SDK)" \
	  $(if $(SAMPLERATE),--samplerate "$(SAMPLERATE)") \
	  $(if $(SODIUM),--sodium "$(SODIUM)") $(if $(ASIO),--asio "$(ASIO)")

clean:
	rm -rf build $(VENV)
