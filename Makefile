# What this project can be asked to do. Each target sets up what it needs; `make help` lists them.
SHELL := /bin/bash
PY := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo run test ci chaos bench bench-hooks bench-pages bench-reconcile gallery pictures messages format clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: ## The whole site with a pretend Stripe and Stigg, on this machine; Ctrl-C stops it
	@scripts/setup requirements-sandbox.txt
	@exec $(PY) -m scripts.demo --with-parent $(ARGS)

run: ## The site alone, with your own keys from .env: web server and worker
	@scripts/setup requirements.txt
	@exec $(PY) -m scripts.run --with-parent $(ARGS)

test: ## All tests, the browser's too, on SQLite (ARGS="-k name" for some)
	@scripts/setup requirements-dev.txt
	@CHROMIUM="$$(scripts/chromium)" && export CHROMIUM && exec $(PY) -m scripts.lane sqlite $(ARGS)

ci: ## Every check: style, types, architecture, settings, tests on SQLite and on PostgreSQL
	@scripts/setup requirements-ci.txt
	@CHROMIUM="$$(scripts/chromium)" && export CHROMIUM && exec $(PY) -m scripts.ci $(ARGS)

chaos: ## Webhooks under fire: kills, crashes, storms (ARGS="--long" for the whole size, --only fire, --seed 7)
	@scripts/setup requirements-dev.txt
	@exec $(PY) -m tests.chaos $(ARGS)

bench: bench-hooks bench-pages bench-reconcile ## All measurements, side by side with what one would take instead

bench-hooks: ## Taking webhooks in and working them off, against bare views and dj-stripe; which server
	@scripts/setup requirements-dev.txt
	@exec $(PY) -m bench.hooks $(ARGS)

bench-pages: ## Paywall and checkout: server and slow browser side by side, weight, calls to Stripe and Stigg
	@scripts/setup requirements-dev.txt
	@CHROMIUM="$$(scripts/chromium)" && export CHROMIUM && exec $(PY) -m bench.pages $(ARGS)

gallery: ## The paywall with price lists of all shapes, in six languages, light and dark: checked, and kept as pictures
	@$(MAKE) --no-print-directory test ARGS="tests/e2e/gallery.py"

pictures: ## The README's pictures, made by the browser tests
	@$(MAKE) --no-print-directory test ARGS="tests/e2e/test_looks.py -k light"
	@mkdir -p docs/pictures && cp var/screenshots/1280-light-paywall.png docs/pictures/paywall.png && cp var/screenshots/1280-light-card.png docs/pictures/checkout.png
	@CHROMIUM="$$(scripts/chromium)" && export CHROMIUM && exec $(PY) -m scripts.preview_picture

bench-reconcile: ## Comparing and mending 100,000 rows, against bulk_create and a bare loop
	@scripts/setup requirements-dev.txt
	@exec $(PY) -m bench.reconcile $(ARGS)

messages: ## Texts into the catalogs of every language, compiled; says what is to be translated
	@scripts/setup requirements-dev.txt
	@exec $(PY) -m scripts.messages $(ARGS)

format: ## Format Python and templates
	@scripts/setup requirements-dev.txt
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format . ; .venv/bin/djade --target-version 5.2 $$(find templates -name '*.html')

clean: ## Remove what was installed and written here: .venv, node_modules, var
	rm -rf .venv node_modules var .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
