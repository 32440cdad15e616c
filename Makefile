# Two commands do everything on a machine with Python 3.11 and make: `make run` and `make test`.
# The rest: `make check` (fast rules), `make train` (or a part: `make train-unet`), `make measure`, `make bench`, `make screenshot`.
# Options for the program behind a target go into ARGS, e.g. `make test ARGS="-k stop -x"`.

VENV := .venv
BIN := $(VENV)/bin
# The first of these that is Python 3.11 or newer; 3.11 is what the pins are tested with.
PYTHON ?= $(shell for p in python3.11 python3 python python3.12 python3.13; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null </dev/null && { echo "$$p"; break; }; done)

.PHONY: run test test-postgres check train measure bench screenshot clean
.DELETE_ON_ERROR:

run: $(VENV)/.app
	$(BIN)/python app.py $(ARGS)

# Two workers at once; then those that hold a time limit, with nothing beside them. pytest's 5 means that it found none.
test: $(VENV)/.tests
	$(BIN)/python tests/find_chromium.py </dev/null
	@export REQUIRE_BROWSER=1 HF_HUB_OFFLINE=1; \
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m "not alone" $(ARGS) </dev/null; together=$$?; \
	$(BIN)/python -m pytest -m alone $(ARGS) </dev/null; alone=$$?; \
	test $$together$$alone != 55 || echo "No test is called that."; \
	for found in $$together $$alone; do test $$found = 0 || test $$found = 5 || exit $$found; done; test $$together$$alone != 55

# The rooms' tests on PostgreSQL, which is started for them, and installed first where there is none.
test-postgres: $(VENV)/.tests
	$(BIN)/python tests/with_postgres.py $(BIN)/python -m pytest $(addprefix tests/test_,rooms.py room_steering.py room_keeping.py room_crowd.py) $(ARGS) </dev/null

check: $(VENV)/.tests
	$(BIN)/python -m pytest -q tests/test_architecture.py $(ARGS)

train: $(VENV)/.app
	$(BIN)/python -m genai_core train pocket $(ARGS)

train-%: $(VENV)/.app
	$(BIN)/python -m genai_core train pocket $* $(ARGS)

measure: $(VENV)/.app
	$(BIN)/python -m genai_core measure $(ARGS)

bench: $(VENV)/.tests
	PYTHONPATH=. HF_HUB_OFFLINE=1 $(BIN)/python tests/bench.py $(ARGS)

screenshot: $(VENV)/.tests
	$(BIN)/python tests/find_chromium.py </dev/null
	HF_HUB_OFFLINE=1 $(BIN)/python tests/screenshot.py $(ARGS)

clean:
	rm -rf $(VENV) .pytest_cache .hypothesis .gradio

# A stamp is touched only after its install has finished, so an interrupted one is done again.
$(VENV)/.app: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.tests: tests/requirements.txt $(VENV)/.app
	$(BIN)/python -m pip install --disable-pip-version-check -r tests/requirements.txt
	touch $@

# Some systems ship Python without ensurepip: then pip comes from the Python that makes the environment.
$(BIN)/python:
	$(if $(PYTHON),,$(error GenLens needs Python 3.11 or newer, and none is on the PATH. Install it, or name it: make PYTHON=/path/to/python3.11))
	$(PYTHON) -m venv $(VENV) \
	  || { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install pip; } \
	  || { rm -rf $(VENV); echo "Python's venv is incomplete here. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
