# Needs make and python3 (3.11 to 3.13); the first run also needs a network. All else goes into .venv.
# Windows, or no make: see environment.yml.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable

define CHECK_PYTHON
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit("Python 3.11, 3.12 or 3.13 is needed; this one is %d.%d. Name another, as in: "
             "make lab PYTHON=python3.12" % sys.version_info[:2])
try:
    import ensurepip, venv
except ImportError:
    sys.exit("This Python cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv")
endef
export CHECK_PYTHON

# nbval wants the count of a cell whose output it compares; nbstripout keeps the counts of all or of none.
define STRIP_COUNTS
import sys, nbformat
for name in sys.argv[1:]:
    book = nbformat.read(name, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "code" and not cell.outputs:
            cell.execution_count = None
    nbformat.write(book, name)
endef
export STRIP_COUNTS

.PHONY: help lab test bench strip lock clean

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## /make \1 	/p' Makefile | expand -t 14
	@echo 'More for the command behind it: make lab ARGS="--no-browser", make test ARGS="-k floors"'

lab: .venv/lab.stamp ## install if needed, build the database, open JupyterLab
	@$(BIN)/imganalytics lab $(ARGS)

test: .venv/test.stamp ## install if needed, run every test
	@$(BIN)/python -m pytest $(ARGS)

bench: .venv/test.stamp ## install if needed, measure how long things take
	@$(BIN)/python -m tests.benchmarks $(ARGS)

strip: .venv/test.stamp ## take outputs out of the notebooks (kept: cells tagged keep_output)
	@$(BIN)/python -m nbstripout --keep-count --keep-id notebooks/*.ipynb
	@$(BIN)/python -c "$$STRIP_COUNTS" notebooks/*.ipynb

lock: .venv/place ## choose the exact versions anew (all newest: make lock ARGS=--upgrade)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra test --fork-strategy fewest \
	  --only-binary :all: --no-annotate --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command 'make lock' $(ARGS) --output-file requirements.lock pyproject.toml

clean: ## remove .venv and everything else that can be made again
	rm -rf .venv .pytest_cache build dist screenshots
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/lab.stamp: .venv/place pyproject.toml requirements.lock
	@echo 'Installing into .venv (a minute or two, this once) ...'
	@$(INSTALL) .
	@touch $@

.venv/test.stamp: .venv/place pyproject.toml requirements.lock
	@echo 'Installing into .venv, with what the tests need (a minute or two, this once) ...'
	@$(INSTALL) '.[test]'
	@touch .venv/lab.stamp $@

# A virtual environment holds its own address: in a folder that was moved or copied it is made anew.
ifneq ($(CURDIR),$(shell test -x $(BIN)/python && cat .venv/place))
.PHONY: .venv/place
endif
.venv/place:
	@command -v "$(PYTHON)" >/dev/null || { echo '$(PYTHON) is not there; Python 3.11, 3.12 or 3.13 is needed'; exit 1; }
	@"$(PYTHON)" -c "$$CHECK_PYTHON"
	@rm -rf .venv
	@"$(PYTHON)" -m venv .venv
	@pwd -P > $@
