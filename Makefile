# One verb per chore. PYTHON is the interpreter of an environment made with: pip install '.[dev]'
PYTHON ?= python3

.PHONY: check types test starter proof proof-small clean

check: types
	$(PYTHON) -m ruff check --output-format=concise .
	$(PYTHON) -m ruff format --check .

# The root is the package, so types are checked on a copy in a folder of the package's name: mypy refuses a clone whose
# folder is called otherwise, and does not see an editable install of it.
types:
	copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && mkdir "$$copy/benchwright" && \
	git ls-files -z --cached --others --exclude-standard '*.py' py.typed ':!tests' ':!benchmarks' ':!docs' ':!.ci' | \
	tar -cf - --null -T - | tar -xf - -C "$$copy/benchwright" && cd "$$copy" && \
	$(PYTHON) -m mypy --config-file "$(CURDIR)/pyproject.toml" --cache-dir "$(CURDIR)/.mypy_cache" -p benchwright

test:
	$(PYTHON) -m pytest

starter:
	$(PYTHON) -m benchwright build starter -o work/starter

proof-small:
	$(PYTHON) -m benchmarks.run --small

proof:
	$(PYTHON) -m benchmarks.run --write

clean:
	rm -rf build dist *.egg-info
