# What people and CI type. Every target says what it does: `make help`.

CARGO ?= cargo
export KYO_BIN ?= target/release/kyo-collaboration

.PHONY: help run web test test-browser test-socketio check-ecs image check-image torture rolling mixed lint doc instructions instructions-renew bench bench-long bench-peers pgo fuzz setup clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: ## the service on its embedded database; the board is at http://localhost:3001/
	$(CARGO) run --release

web: ## the client library, the board and the console, into web/dist (every build of the binary does it too)
	scripts/build-web.sh

setup: ## installs what the tests need beside Rust (servers, a browser, Socket.IO clients)
	scripts/setup-servers.sh
	scripts/setup-browser.sh
	scripts/setup-socketio.sh

test: setup lint ## everything: lints, docs, unit, property, contract, model, socket, fault and browser tests
	$(CARGO) test --lib --bins --tests
	KYO_CLIENTS=socketio $(CARGO) test --test realtime
	$(CARGO) test --doc
	scripts/check-instructions.sh
	scripts/test-web.sh
	scripts/test-browser.sh
	scripts/check-ecs.sh

test-browser: setup ## the board in a real browser alone
	scripts/test-browser.sh

check-ecs: ## ecs/, ops/, Dockerfile and workflows: linters, rules, a real Prometheus, AWS emulators (docs/TESTING.md)
	scripts/setup-servers.sh
	scripts/check-ecs.sh

image: ## the container image for this machine, or ARCH=arm64, as an archive in target/image (docs/OPERATIONS.md)
	scripts/image.sh $(ARCH)

check-image: ## that image run as ECS runs it: no rights, nothing to write (docs/TESTING.md)
	scripts/check-image.sh $(if $(ARCH),target/image/kyo-collaboration-$(ARCH).tar)

torture: setup ## random faults for KYO_TORTURE_MINUTES (30); KYO_SEED repeats a run (docs/TESTING.md)
	$(CARGO) test --test faults -- --ignored --exact torture::torture --nocapture

rolling: setup ## replicas replaced as ECS does it, under KYO_ROLLING_CLIENTS (2000) behind HAProxy
	$(CARGO) test --release --test faults -- --ignored --exact rolling::rolling --nocapture

mixed: setup ## this build and the last release (or REF) in one room, under faults
	scripts/mixed-versions.sh $(REF)

test-socketio: ## the official protocol suites, ten times (fetched, or from KYO_SOCKETIO_SUITES)
	scripts/socketio-conformance.sh 10

lint: ## formatting, clippy and rustdoc, warnings as errors
	$(CARGO) fmt --check
	$(CARGO) fmt --check --manifest-path tests/clients/rust/Cargo.toml
	$(CARGO) clippy --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --document-private-items

instructions: ## instructions of the hot paths: fails when one has grown by more than 5 % (docs/TESTING.md)
	scripts/setup-servers.sh
	scripts/check-instructions.sh

instructions-renew: ## writes their baseline anew: benches/instructions/baseline.toml
	$(CARGO) run --quiet --example instructions -- --renew

bench: ## the numbers of docs/BENCHMARKS.md, each beside its floor
	$(CARGO) build --release
	$(CARGO) bench --bench micro
	$(CARGO) bench --bench service -- start join history floor fanout rooms transports memory ack throughput relay storm

bench-long: ## how far one tenant slows another, and how cost grows (docs/SCALE.md); half an hour
	$(CARGO) build --release
	$(CARGO) bench --bench service -- noisy scale

bench-peers: KYO_BIN = target/dist/kyo-collaboration
bench-peers: ## the same work through kyo and its peers in one run: the tables of docs/BENCHMARKS.md (docs/LOAD.md)
	$(CARGO) build --profile dist
	scripts/setup-servers.sh
	benches/peers/install.sh
	python3 benches/peers/run.py

pgo: ## a release build optimized for a load of its own, in target/pgo: 10 to 20 % less processor time; half an hour
	scripts/setup-servers.sh
	scripts/pgo.sh

fuzz: ## the decoders under libFuzzer, a minute each (needs cargo-fuzz and a nightly toolchain)
	cd fuzz && for target in client_json client_msgpack record engineio_payload socketio_packet; do \
		$(CARGO) +nightly fuzz run $$target -- -max_total_time=60 || exit 1; done

clean: ## removes build output and the data of `make run`
	$(CARGO) clean
	rm -rf data test-output
