# SPDX-License-Identifier: BSD-2-Clause
# Builds the driver. `make help` lists the targets; every product goes to out/ but the programs.
#
# V=1 shows the commands. WERROR= keeps warnings from stopping the build (releases, new compilers).
# SKIP="build/x.c ..." leaves driver sources out.

CC ?= cc
CLANG ?= clang-19
CLANG_FORMAT ?= clang-format-19
LLVM_CONFIG ?= llvm-config-19
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
WERROR ?= -Werror
OPT ?= -O2 -g
V ?= 0
Q := $(if $(filter 0,$(V)),@)
say = $(if $(filter 0,$(V)),@printf '%s\n' '  $(1)')

# What `make deps` installs on Debian 12: to build the driver, to build images, to run, to test.
DEPS_DRIVER := gcc make pkg-config libyaml-dev libjansson-dev libelf-dev libcapstone-dev nettle-dev \
	libclang-19-dev llvm-19-dev
DEPS_IMAGE := clang-19 lld-19 llvm-19 libclang-rt-19-dev kconfig-frontends-nox dpkg-dev patch xz-utils \
	libxen-dev curl tcl
DEPS_RUN := qemu-system-x86 cpio binutils xz-utils zstd
DEPS_TEST := libcmocka-dev clang-format-19 clang-tidy-19 shellcheck jq git distcc bochs bochs-term
DEPS := $(DEPS_DRIVER) $(DEPS_IMAGE) $(DEPS_RUN) $(DEPS_TEST)

PROGRAMS_C := ukbuild.c build/scan_main.c build/passrun.c
BASE_SRC := $(sort $(wildcard build/base/*.c))
MECH_SRC := $(sort $(wildcard hardening/*/verify.c))
HOST_SRC := $(sort $(wildcard platforms/*/host*.c))
PASS_SRC := $(sort $(wildcard hardening/*/pass.c))
LIB_SRC := $(filter-out $(PROGRAMS_C) build/pass_ir.c $(SKIP),$(BASE_SRC) $(sort $(wildcard build/*.c)) \
	$(MECH_SRC) $(HOST_SRC))
GEN_SRC := out/gen/commands.c out/gen/mechanisms.c out/gen/hosts.c out/gen/calls.c out/gen/version.c
GEN_INPUTS := $(LIB_SRC)

PKGS := yaml-0.1 jansson libelf capstone nettle
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm
CLANG_CFLAGS = $(shell $(LLVM_CONFIG) --cppflags)
CLANG_LIBS = -L$(shell $(LLVM_CONFIG) --libdir) -lclang-19

CPPFLAGS += -iquote . -iquote build -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE $(PKG_CFLAGS)
WARN := -Wall -Wextra -Wshadow -Wundef -Wvla -Wcast-qual -Wpointer-arith -Wwrite-strings \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wformat=2 -Walloca $(WERROR)
STD := -std=c11
ALL_CFLAGS = $(STD) $(OPT) $(WARN) $(CFLAGS)
BANNED := -include build/base/banned.h
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g

# Sources that may do what banned.h forbids to the others.
MAY_EXIT := ukbuild build/base/arena build/base/pool build/scan_main
MAY_SPAWN := build/base/proc build/base/pool
MAY_GETENV := ukbuild build/scan_main build/base/proc build/tool build/source build/doctor build/context
MAY_PIN := build/native # sched_setaffinity(2)
may = $(if $(filter $(MAY_EXIT),$*),-DUKB_MAY_EXIT) $(if $(filter $(MAY_SPAWN),$*),-DUKB_MAY_SPAWN -D_GNU_SOURCE) \
	$(if $(filter $(MAY_GETENV),$*),-DUKB_MAY_GETENV) $(if $(filter $(MAY_PIN),$*),-D_GNU_SOURCE)

# One passrun for each LLVM whose headers are there: a pass must be run by the LLVM of the compiler.
PASSRUN_LLVM := $(foreach n,19 22,$(if $(wildcard $(shell llvm-config-$(n) --includedir 2>/dev/null)/llvm-c/Core.h),$(n)))
PASSRUNS := $(PASSRUN_LLVM:%=passrun-%)
PROGRAMS := ukbuild $(if $(wildcard build/scan_main.c),ukbuild-scan) ukbuild-tender $(PASSRUNS)
UNIT_TESTS := $(patsubst tests/unit/%.c,out/test/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ_REPLAYS := $(patsubst tests/fuzz/fuzz_%.c,out/test/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

# Programs are moved into place, so that one that is running is never half written.
all: $(PROGRAMS) ## Build ukbuild and its helper programs

ukbuild: out/host/ukbuild.o out/host/libukbuild.a
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o out/host/$@ $^ $(PKG_LIBS) && mv out/host/$@ $@

ukbuild-scan: out/host/build/scan_main.o out/host/libukbuild.a
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o out/host/$@ $^ $(CLANG_LIBS) $(PKG_LIBS) && \
		mv out/host/$@ $@

# passrun-N: the passes of the tree with the LLVM of one version.
define passrun
passrun-$(1): $(patsubst %.c,out/passrun-$(1)/%.o,build/passrun.c build/pass_ir.c $(PASS_SRC)) \
		out/passrun-$(1)/gen/passes.o out/host/libukbuild.a
	$$(call say,LD $$@)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(LDFLAGS) -o out/host/$$@ $$^ $$(shell llvm-config-$(1) --ldflags --libs) \
		$$(PKG_LIBS) && mv out/host/$$@ $$@

out/passrun-$(1)/%.o: %.c out/host/flags
	$$(call say,CC $$< (LLVM $(1)))
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CPPFLAGS) -isystem $$(shell llvm-config-$(1) --includedir) -DLLVM_VERSION=$(1) $$(ALL_CFLAGS) \
		-DUKB_MAY_EXIT $$(BANNED) -MMD -MP -c -o $$@ $$<

out/passrun-$(1)/gen/passes.o: out/gen/passes.c out/host/flags
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CPPFLAGS) -isystem $$(shell llvm-config-$(1) --includedir) $$(ALL_CFLAGS) -MMD -MP -c -o $$@ $$<
endef
$(foreach n,$(PASSRUN_LLVM),$(eval $(call passrun,$(n))))

# The tender: no C library, no writable data (tender.ld says so), every compiled-in check there is.
TENDER_SRC := $(sort $(wildcard platforms/process/tender*.c))
TENDER_CFLAGS := -Os -ffreestanding -fno-builtin -fPIE -fvisibility=hidden -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection -fno-asynchronous-unwind-tables
TENDER_LDFLAGS := -static-pie -nostdlib -Wl,-T,platforms/process/tender.ld -Wl,-z,noexecstack,-z,now \
	-Wl,--build-id=none,--no-dynamic-linker,--hash-style=gnu,--gc-sections

ukbuild-tender: $(TENDER_SRC:%.c=out/tender/%.o) platforms/process/tender.ld
	$(call say,LD $@)
	$(Q)$(CC) $(TENDER_LDFLAGS) -o out/tender/$@ $(filter %.o,$^) && mv out/tender/$@ $@

# Reports tell how much trusted code there is: lines that are neither blank nor comment.
TENDER_LINES = $(shell cat $(TENDER_SRC) platforms/process/tender.h platforms/process/process.h | \
	grep -cvE '^[[:space:]]*($$|//|/?\*)')
out/host/platforms/process/host.o out/san/platforms/process/host.o out/fuzz/platforms/process/host.o: \
	CPPFLAGS += -DTENDER_LINES=$(TENDER_LINES)
out/host/platforms/process/host.o out/san/platforms/process/host.o out/fuzz/platforms/process/host.o: \
	$(TENDER_SRC)

out/tender/%.o: %.c out/host/flags
	$(call say,CC $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) $(TENDER_CFLAGS) -MMD -MP -c -o $@ $<

LLVM_MAJOR = $(firstword $(subst ., ,$(shell $(LLVM_CONFIG) --version)))
out/host/build/scan_main.o: CPPFLAGS += $(CLANG_CFLAGS) \
	-DLIBCLANG_RESOURCES='"$(shell $(LLVM_CONFIG) --prefix)/lib/clang/$(LLVM_MAJOR)"'

objects = $(patsubst %.c,out/$(1)/%.o,$(LIB_SRC)) $(patsubst out/gen/%.c,out/$(1)/gen/%.o,$(GEN_SRC))

out/host/libukbuild.a: $(call objects,host)
out/san/libukbuild.a: $(call objects,san)
out/fuzz/libukbuild.a: $(call objects,fuzz)
out/host/libukbuild.a out/san/libukbuild.a out/fuzz/libukbuild.a:
	$(call say,AR $@)
	$(Q)rm -f $@ && ar rcs $@ $^

out/host/%.o: %.c out/host/flags
	$(call say,CC $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(may) $(BANNED) -MMD -MP -c -o $@ $<

out/san/%.o: %.c out/san/flags
	$(call say,CC $< (sanitized))
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(SAN) $(may) $(BANNED) -MMD -MP -c -o $@ $<

out/fuzz/%.o: %.c out/fuzz/flags
	$(call say,CC $< (fuzzing))
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(ALL_CFLAGS) $(SAN) -fsanitize=fuzzer-no-link $(may) $(BANNED) \
		-MMD -MP -c -o $@ $<

out/host/gen/%.o: out/gen/%.c out/host/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

out/san/gen/%.o: out/gen/%.c out/san/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(SAN) -MMD -MP -c -o $@ $<

out/fuzz/gen/%.o: out/gen/%.c out/fuzz/flags
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(ALL_CFLAGS) $(SAN) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

# Objects are rebuilt when the compiler or its flags change.
out/host/flags out/san/flags out/fuzz/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(CLANG) $(CPPFLAGS) $(ALL_CFLAGS) $(SAN)' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# Generated tables, rewritten only when they change. One visible list of each kind, in name order.
out/gen/commands.c: FORCE
	@mkdir -p $(@D)
	@{ echo '/* Generated by the Makefile from the cmd_NAME functions in build/. */'; \
	echo '#include "cmd.h"'; \
	echo 'const struct command_run command_runs[] = {'; \
	sed -n 's/^int cmd_\([a-z_]*\)(struct ctx \*[a-z]*)$$/	{"\1", cmd_\1},/p' $(GEN_INPUTS) | sort; \
	echo '	{NULL, NULL},'; echo '};'; \
	echo 'const size_t command_runs_len = ARRAY_LEN(command_runs) - 1;'; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

out/gen/mechanisms.c: FORCE
	@mkdir -p $(@D)
	@{ echo '/* Generated by the Makefile from hardening/NAME/verify.c. */'; \
	echo '#include "harden.h"'; echo '#include "base/arena.h"'; \
	for n in $(MECH_SRC:hardening/%/verify.c=%); do echo "extern const struct mechanism mech_$$n;"; done; \
	echo 'const struct mechanism *const mechanisms[] = {'; \
	for n in $(MECH_SRC:hardening/%/verify.c=%); do echo "	&mech_$$n,"; done; \
	echo '	NULL,'; echo '};'; \
	echo 'const size_t mechanisms_len = ARRAY_LEN(mechanisms) - 1;'; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

out/gen/passes.c: FORCE
	@mkdir -p $(@D)
	@{ echo '/* Generated by the Makefile from hardening/NAME/pass.c. */'; \
	echo '#include "pass.h"'; echo '#include "base/arena.h"'; \
	for n in $(PASS_SRC:hardening/%/pass.c=%); do echo "extern const struct pass pass_$$n;"; done; \
	echo 'const struct pass *const passes[] = {'; \
	for n in $(PASS_SRC:hardening/%/pass.c=%); do echo "	&pass_$$n,"; done; \
	echo '	NULL,'; echo '};'; \
	echo 'const size_t passes_len = ARRAY_LEN(passes) - 1;'; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

out/gen/hosts.c: FORCE
	@mkdir -p $(@D)
	@names=$$(for n in $(patsubst platforms/%/host.c,%,$(filter %/host.c,$(HOST_SRC))); do \
		several=$$(sed -n 's/#.*//; s/^NAMES[ 	]*:=//p' platforms/$$n/plat.mk); \
		echo $${several:-$$n}; done | tr ' -' '\n_' | sort); \
	{ echo '/* Generated by the Makefile from platforms/NAME/host.c and NAMES of plat.mk. */'; \
	echo '#include "run.h"'; echo '#include "base/arena.h"'; \
	for n in $$names; do echo "extern const struct platform_host platform_host_$$n;"; done; \
	echo 'const struct platform_host *const platform_hosts[] = {'; \
	for n in $$names; do echo "	&platform_host_$$n,"; done; \
	echo '	NULL,'; echo '};'; \
	echo 'const size_t platform_hosts_len = ARRAY_LEN(platform_hosts) - 1;'; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

out/gen/calls.c: FORCE
	@mkdir -p $(@D)
	@{ echo '/* Generated by the Makefile from <asm/unistd_64.h>. */'; \
	echo '#include "run.h"'; echo '#include "base/arena.h"'; \
	echo 'const struct system_call system_calls[] = {'; \
	echo '#include <asm/unistd_64.h>' | $(CC) -E -dM - | sort -t' ' -k3n | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/	{\2, "\1"},/p'; \
	echo '};'; echo 'const size_t system_calls_len = ARRAY_LEN(system_calls);'; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# A released tree has a VERSION file, a checkout asks git.
out/gen/version.c: FORCE
	@mkdir -p $(@D)
	@v=$$(cat VERSION 2>/dev/null || git describe --tags --always 2>/dev/null || echo unknown); \
	{ echo '/* Generated by the Makefile. */'; echo '#include "cli.h"'; \
	echo "const char ukbuild_version[] = \"$$v\";"; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# Tests. Each tests/SUITE/run.sh prints "ok NAME", "not ok NAME" or "skip NAME: reason" lines.
out/test/unit/%: out/san/tests/unit/%.o out/san/libukbuild.a
	$(call say,LD $@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(SAN) -o $@ $^ $(PKG_LIBS) -lcmocka

out/test/fuzz/%: out/san/tests/fuzz/fuzz_%.o out/san/tests/fuzz/replay.o out/san/libukbuild.a
	$(call say,LD $@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(SAN) -o $@ $^ $(PKG_LIBS)

out/fuzzers/%: out/fuzz/tests/fuzz/fuzz_%.o out/fuzz/libukbuild.a
	$(call say,LD $@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(ALL_CFLAGS) $(SAN) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

out/san/tests/%.o out/fuzz/tests/%.o: BANNED :=
# These run image code on the host.
out/san/tests/unit/test_layout.o out/san/tests/unit/test_pvclock.o out/san/tests/unit/test_random.o: CPPFLAGS += -Ilibs/plat/include -Ilibs/random/include \
	-DCONFIG_NEEDS_KEY_ERASURE=1
out/san/tests/fuzz/fuzz_heap.o out/fuzz/tests/fuzz/fuzz_heap.o: CPPFLAGS += -iquote . -Ilibs/plat/include \
	-Ilibs/heap/include -Ilibs/pages/include -Ilibs/random/include -DCONFIG_NEEDS_METADATA=1 -DCONFIG_NEEDS_BOOT_RELOC=1 -DCONFIG_NEEDS_WIPE=0
out/san/tests/fuzz/fuzz_xenstore.o out/fuzz/tests/fuzz/fuzz_xenstore.o: CPPFLAGS += -Ilibs/plat/include \
	-Ilibs/xenstore/include -Iplatforms/xen/include

test-programs: $(UNIT_TESTS) $(FUZZ_REPLAYS)

# Where no -j is given, all processors: the programs of the unit tests are the driver compiled once more.
test-ready:
	@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS)) all test-programs

test: test-ready ## Run the tests: T=PATTERN selects, SUITES="unit golden" too
	@tests/run.sh $(SUITES)

test-quick: test-ready ## Only the suites that start no guest
	@tests/run.sh golden libs lint unit musl fuzz

test-unit: $(UNIT_TESTS) ## Run the unit tests (ASan and UBSan)
	@tests/run.sh unit

test-golden: all ## Run the golden tests of each stage
	@tests/run.sh golden

test-full: test-ready ## Run everything, the slow suites too
	@FULL=1 tests/run.sh $(SUITES)

test-mutants: ## Test the tests: each of tests/mutants/*.patch must be noticed (minutes; M=PATTERN)
	@tests/mutants/mutants.sh

golden-update: all ## Rewrite the expected output of golden tests; look at the diff
	@UPDATE=1 tests/run.sh golden

fuzz: out/fuzzers/$(F) ## Fuzz one target: make fuzz F=manifest SECONDS=60
	@mkdir -p out/corpus/$(F)
	out/fuzzers/$(F) -max_total_time=$(or $(SECONDS),60) out/corpus/$(F) tests/fuzz/corpus/$(F)

bench-build: all ## Time builds of the hello template (this machine's figures)
	@tests/cost/build_time.sh

bench-qemu: all ## QEMU's processor time for hello against a guest of one instruction
	@rm -rf out/bench && ./ukbuild init -q hello out/bench >/dev/null
	@for p in none default; do \
		./ukbuild build -q -f out/bench/ukbuild.yaml --harden $$p >/dev/null && \
		tests/cost/qemu_cpu.sh out/bench/out/hello/kvm-$$p/hello.elf; done

bench-start: all ## Time from exec to exit: process, QEMU, a plain static program (musl is compiled once)
	@tests/cost/start.sh

bench-native: all ## Time of the bench kernels as a process over a plain static program
	@tests/cost/native.sh

bench-sqlite: all ## Time of SQLite's speed test as a process over a plain static program, and hardened
	@tests/cost/sqlite.sh

lint: all ## Check layers, format, shell scripts, documentation
	@tests/run.sh lint

tidy: all ## As lint, with clang-tidy (slow)
	@LINT_TIDY=1 tests/run.sh lint

format: ## Format all C sources
	$(CLANG_FORMAT) -i $(shell git ls-files -co --exclude-standard '*.c' '*.h')

docs-update: all ## Write the generated tables into docs/
	@./ukbuild mechanisms >out/mechanisms.md
	@sed -i -e '/^<!-- ukbuild mechanisms -->$$/,/^<!-- end -->$$/{/^<!-- /!d}' \
		-e '/^<!-- ukbuild mechanisms -->$$/r out/mechanisms.md' docs/mechanisms.md
	@./ukbuild attack --dry-run >out/attacks.md
	@sed -i -e '/^<!-- ukbuild attack --dry-run -->$$/,/^<!-- end -->$$/{/^<!-- /!d}' \
		-e '/^<!-- ukbuild attack --dry-run -->$$/r out/attacks.md' docs/threat-model.md

deps: ## Install the Debian packages that ukbuild needs (root or sudo, only when some are missing)
	@missing=$$(for p in $(DEPS); do \
		dpkg-query -W -f '$${Status}\n' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -z "$$missing" ]; then echo 'all packages are there'; exit 0; fi; \
	echo "installing:" $$missing; \
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	$$sudo apt-get update -q && $$sudo apt-get install -q -y --no-install-recommends $$missing

# Large, and only one suite uses it.
deps-test: ## Install the browser that tests/html looks at reports with
	@$(MAKE) --no-print-directory deps DEPS=chromium

first: ## Set everything up, then build, boot and report the hello image in out/first
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@[ -e out/first ] || ./ukbuild init hello out/first
	./ukbuild fetch
	./ukbuild -f out/first/ukbuild.yaml build
	./ukbuild -f out/first/ukbuild.yaml run --test
	./ukbuild -f out/first/ukbuild.yaml report

man: out/man/ukbuild.1 ## Generate the manual page in out/man
completion: out/completion/ukbuild ## Generate the bash completion in out/completion

out/man/ukbuild.1: ukbuild
	@mkdir -p $(@D)
	$(Q)./ukbuild help --man >$@

out/completion/ukbuild: ukbuild
	@mkdir -p $(@D)
	$(Q)./ukbuild help --completion >$@

# Quoted wherever they are used: a prefix may contain blanks.
BIN = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share/ukbuild
MAN = $(DESTDIR)$(PREFIX)/share/man/man1
COMPLETION = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
SHARED_DIRS := $(wildcard libs platforms hardening attacks kconfig templates docs)

install: all man completion ## Install below PREFIX (and DESTDIR)
	install -d "$(BIN)" "$(SHARE)" "$(MAN)" "$(COMPLETION)"
	install -m 755 $(PROGRAMS) "$(BIN)"
	install -m 644 out/man/ukbuild.1 "$(MAN)"
	install -m 644 out/completion/ukbuild "$(COMPLETION)"
	tar -cf - --exclude=out --exclude=ukbuild.lock $(SHARED_DIRS) | \
		tar -xf - -C "$(SHARE)" --no-same-owner

uninstall: ## Remove what install put below PREFIX
	for p in $(PROGRAMS); do rm -f "$(BIN)/$$p"; done
	rm -f "$(MAN)/ukbuild.1" "$(COMPLETION)/ukbuild"
	rm -rf "$(SHARE)"

clean: ## Remove every product but the unpacked sources
	rm -f ukbuild ukbuild-scan ukbuild-tender passrun-*
	find out -mindepth 1 -maxdepth 1 ! -name src -exec rm -rf {} + 2>/dev/null || true

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/\1|\2/p' Makefile | \
		while IFS='|' read -r t s; do printf '  %-14s %s\n' "$$t" "$$s"; done

FORCE:
.PHONY: all test test-ready test-quick test-programs test-unit test-golden test-full test-mutants golden-update fuzz bench-build bench-qemu \
	bench-start bench-native bench-sqlite lint tidy format docs-update deps \
	first man completion install uninstall clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:

-include $(shell find out/host out/san out/fuzz out/tender $(PASSRUN_LLVM:%=out/passrun-%) -name '*.d' 2>/dev/null)
