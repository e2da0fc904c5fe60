# What people do with a clone of Tilth. Each target prints what it does.

.PHONY: help setup demo up test check lock

help:  ## This list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## ?/make \1\t/' | expand -t 14

setup:  ## Make .venv from requirements.lock
	@bin/setup

demo: setup  ## Show Tilth with a believable company; needs nothing else
	@.venv/bin/tilth demo $(ARGS)

up: setup  ## Start an empty Tilth of your own; prints the link for the first account
	@.venv/bin/tilth up $(ARGS)

test: setup  ## Every test, on SQLite and then on a PostgreSQL that starts and stops with it
	@bin/test $(ARGS)

check: setup  ## What CI runs: style, types, storeys, settings, every test
	@.ci/run

lock:  ## Pin the dependencies of pyproject.toml anew, with hashes and without addresses
	@bin/lock
