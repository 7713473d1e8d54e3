# make            build every program, into build/
# make list       name the lessons, one line each
# make demo       run the lessons: make demo LESSON=fifo/basic, or a folder;
#                 STEP=1 waits for Enter before the next one
# make panes      one lesson in two real terminals: LESSON=fifo/basic (tmux)
# make trace      what the processes of a lesson do, and what the kernel holds,
#                 on one page: LESSON=fifo/basic, SVG=1 also as a picture
# make book       the notes beside the code, for a browser, in two languages:
#                 build/book/index.html; PDF=1 to be printed as well,
#                 TRACE=1 with a trace of each lesson, which takes a minute
# make site       the same served by tcp/httpd, with live pages: what is in the
#                 kernel, a lesson that runs; PORT=8080, or any free one
# make figures    draw the state machines of the notes again, from their tables
# make bench      measure what each mechanism costs: FOLDER=pipe only that one,
#                 QUICK=1 in seconds, to see that it works; FIGURES=1 writes
#                 common/bench/figures.tsv and the notes that quote it
# make bench-peers  the larger programs, and the ring of shm/, beside what one
#                 would take instead: LESSON=ring, ftp, tftp, httpd or line
# make check      run the tests: all of them, or those of FOLDER=pipe
# make check-long the tests that take longer: soaks, each wrong program of the
#                 exercises, other machines
# make prove      arguments that do not depend on luck, in shm/, msg/ and
#                 udp/proof.md: PART=ring only that one
# make fuzz       give anything to the parsers: SECONDS=3600 to each
# make coverage   which functions no test has entered: FOLDER=pipe only with its
#                 tests; PART=report once more what the last run has counted
# make mutate     change one token of a source, and see that a test fails; 200
#                 times: SEED=1 COUNT=200, FOLDER=udp/tftp only there
# make check-net  tftp over all bad networks, and beside TCP; some minutes
# make faults     let each call of each program fail: FOLDER=pipe or LESSON=,
#                 TENTH=1 a tenth of the cases, CASE= a single one
# make arch       build for three other machines, and run the unit tests there
# make lint       look at the sources without running them
# make report     begin a lab report: LESSON=msg/basic, OUT=my.md; in Chinese
#                 where LANG is zh_CN
# make exercise   begin one, in exercises/: LESSON=msg/basic_recv, IN=python
# make grade      grade it: LESSON=msg/basic_recv, CMD='python3 mine.py';
#                 HINT=1 says more, ALL=1 goes on, REPORT=file adds a line
# make progress   how far each exercise is
# make handout    for a class: all tasks, and what to break
# make ipc-clean  remove what killed programs left in the kernel: those of this
#                 folder's files; ALL=1 of all files
# make clean      remove what was built
#
# SAN=1           with AddressSanitizer and UBSan, in a build folder of its own
# V=1             show the commands
# CC=clang        with another compiler
# WERROR=1        a warning is an error
# STD=gnu2x       by another C standard than gnu11
# CPPFLAGS=-DCOMPAT_FALLBACK  as on a system that lacks what compat.h supplies

STD      = gnu11
FILES    = -D_FILE_OFFSET_BITS=64 # of more than 2 GB, also on i686
# -O0: in two thirds of the time, and a debugger sees each variable; some
# warnings need -O1. What is measured has -O2, below.
CFLAGS   = -O$(if $(WERROR),1,0) -g
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
           $(if $(WERROR),-Werror)
SAN_ON   = -fsanitize=address,undefined -fno-sanitize-recover=all
# clang's counters, in a file that each process has mapped: kill -9 or _exit
# lose nothing, as gcov's would, which are written at exit.
COUNTS   = $(CURDIR)/build-cov/counts/$(subst /,-,$*)-%m%c
COV_ON   = -fprofile-instr-generate=$(COUNTS) -fprofile-update=atomic \
           -fcoverage-mapping -mllvm -runtime-counter-relocation

# As many jobs as processors; -j1, one after the other. A make that a recipe
# itself calls shares them, and has the flags of this one. That of a script has
# none, as it would complain that it cannot share.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
unexport MAKEFLAGS

BUILD := build$(if $(SAN),-san)$(if $(COV),-cov)
Q     := $(if $(V),,@)

# One .c file is one program, and a folder inside a mechanism's folder is one
# program made of its .c files: a new one needs no line here.
MECHANISMS := pipe fifo msg sem shm udp tcp
SOURCES    := $(wildcard $(MECHANISMS:=/*.c) common/*.c)
LARGER     := $(sort $(dir $(wildcard $(MECHANISMS:=/*/main.c) \
                common/*/main.c)))
PROGRAMS   := $(LARGER:%/=$(BUILD)/%) $(SOURCES:%.c=$(BUILD)/%)
SITE       := $(patsubst %.c,%,$(wildcard tcp/www/*.* tcp/www/cgi-bin/*.c))
UNITS      := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/test_*.c))
SIMULATORS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/sim_*.c))

all: $(PROGRAMS) $(SITE:%=$(BUILD)/%) $(BUILD)/tcp/www/cgi-bin/trace \
     $(BUILD)/tcp/www/style.css $(BUILD)/tcp/www/book.js \
     $(BUILD)/msg/s $(BUILD)/msg/c

help:
	@sed -n 's/^# //p; /^$$/q' Makefile

list:
	@sh common/list.sh $(FOLDER)

demo: all
	@BUILD=$(BUILD) STEP=$(STEP) sh common/demo.sh $(or $(LESSON),$(FOLDER))

panes: all
	@BUILD=$(BUILD) sh common/panes.sh $(LESSON)

trace: all
	@BUILD=$(BUILD) SVG=$(SVG) sh common/trace/lesson.sh $(LESSON)

book: $(if $(TRACE),all)
	@BUILD=$(BUILD) sh common/book/book.sh $(if $(PDF),--pdf) \
	    $(if $(TRACE),--trace) $(BUILD)/book

figures: $(BUILD)/common/figures
	@BUILD=$(BUILD) sh common/figures/figures.sh

site: all
	@BUILD=$(BUILD) PORT=$(PORT) sh common/book/site.sh

bench: all
	@BUILD=$(BUILD) QUICK=$(QUICK) FIGURES=$(FIGURES) \
	    sh common/bench/bench.sh $(FOLDER)

bench-peers: all
	@BUILD=$(BUILD) bash tests/bench_peers.sh $(LESSON)

units: $(UNITS)

check: all units
	@BUILD=$(BUILD) sh tests/run.sh $(FOLDER)

check-long: all units
	@BUILD=$(BUILD) LONG=1 sh tests/run.sh $(FOLDER)

prove: all
	@BUILD=$(BUILD) sh tests/prove.sh $(PART)

fuzz:
	@BUILD=$(BUILD) FUZZ_SECONDS=$(or $(SECONDS),60) sh tests/prove.sh fuzz

coverage:
	@MAKEFLAGS='$(MAKEFLAGS)' $(MAKE) -s COV=1 CC=clang all units
	@BUILD=build-cov sh tests/coverage.sh $(or $(PART),'$(FOLDER)')

mutate: all units $(SIMULATORS)
	@FOLDER='$(FOLDER)' bash tests/mutate.sh

check-net: network
	@BUILD=$(BUILD) bash tests/net.sh
	@BUILD=$(BUILD) bash tests/line.sh fair

# What is not there must not look like a pass.
tools:
	@echo '#include "tests/unit.h"' | $(CC) -x c -fsyntax-only - 2>/dev/null || \
	    { echo "make check needs cmocka: sh common/setup.sh installs it"; exit 1; }
$(UNITS): | tools

arch:
	@bash tests/arch.sh

# Static: without a loader, whose calls would be made to fail as well.
faults:
	@MAKEFLAGS='$(MAKEFLAGS)' $(MAKE) -s BUILD=build-static SAN= \
	    LDFLAGS="-static -Wl,--no-warnings" all
	@BUILD=build-static perl tests/faults.pl $(if $(TENTH),--tenth=$(TENTH)) \
	    $(if $(SECONDS),--seconds=$(SECONDS)) \
	    $(or $(CASE),$(LESSON),$(FOLDER))

network: $(filter $(BUILD)/udp/% $(BUILD)/tcp/%,$(PROGRAMS))
	@:

lint:
	@sh tests/lint.sh

report: all
	@BUILD=$(BUILD) sh common/report/report.sh '$(LESSON)' $(OUT)

exercise:
	@sh common/exercise/exercise.sh '$(LESSON)' $(IN)

# The headers of the lesson's folder; and what is half written has things that
# it does not use yet.
$(BUILD)/exercises/%: CPPFLAGS += -I$(dir $(*:exercises/%=%)) \
                                  -I$(*:exercises/%=%) -Wno-unused
grade: all
	@BUILD=$(BUILD) HINT=$(HINT) ALL=$(ALL) REPORT=$(REPORT) CC=$(CC) \
	    perl common/exercise/grade.pl '$(LESSON)' "$$CMD"

handout:
	@BUILD=$(BUILD) sh common/exercise/handout.sh

progress:
	@sh common/exercise/exercise.sh --progress

ipc-clean: $(BUILD)/common/ipc_clean
	@$< $(if $(ALL),--all)

clean:
	rm -rf build build-*

# What --help says of each argument stands in the folder's notes. It becomes a
# header, which is only replaced if it changes.
HELP := $(BUILD)/common/help $(MECHANISMS:%=$(BUILD)/%/help)
$(BUILD)/common/help: README.md common/README.zh.md
$(foreach folder,$(MECHANISMS),$(eval $(BUILD)/$(folder)/help: \
    $(wildcard $(folder)/*.md common/bench*.md)))
$(HELP): common/help.awk
	@mkdir -p $(@D)
	$(Q)awk -f common/help.awk $(filter %.md,$^) >$@
	@cmp -s $@ $@.h || cp $@ $@.h
$(HELP:=.h): %.h: %
	@:
$(foreach folder,$(MECHANISMS) common,$(eval \
    $(filter $(BUILD)/$(folder)/%,$(PROGRAMS)): $(BUILD)/$(folder)/help.h))

.SECONDEXPANSION:
$(BUILD)/%: $$(wildcard $$*.c $$*/*.c) Makefile
	@$(if $(V),,$(info $()  CC  $@))mkdir -p $(@D)
	$(if $(DEPS_OF_ONE),,$(Q)$(COMPILE) -MM -MP -MT $@ $(PARTS) >$@.d)
	$(Q)$(COMPILE) $(DEPS_OF_ONE) $(WARNINGS) $(CFLAGS) \
	    $(if $(SAN),$(SAN_ON)) $(if $(COV),$(COV_ON)) -o $@ $(PARTS) \
	    $(LDFLAGS) $(LDLIBS)

PARTS   = $(wildcard $*.c $*/*.c)
COMPILE = $(CC) -std=$(STD) $(FILES) $(CPPFLAGS) \
          $(addprefix -include ,$(filter $(BUILD)/%/help.h,$^))
# What a program is made of, headers included. Of a single source the compiler
# writes that on the way; of several, each would overwrite the last.
DEPS_OF_ONE = $(if $(word 2,$(PARTS)),,-MMD -MP -MT $@ -MF $@.d)

# Whose speed is a figure in the notes. shm/ because what processors and
# compilers do to memory is its lesson. At -O1 gcc warns of unit tests in vain.
$(filter-out $(BUILD)/common/%,$(LARGER:%/=$(BUILD)/%)) $(BUILD)/%/bench \
    $(BUILD)/shm/% $(if $(WERROR),$(UNITS)): CFLAGS = -O2 -g
$(SIMULATORS): CFLAGS = -O2 -g

# Before glibc 2.34 mq_open was not in libc.
$(BUILD)/msg/posix_% $(BUILD)/msg/bench: LDLIBS += -lrt

# The names that ftp's ends have in class: ./s, and ./c FROM TO.
$(BUILD)/msg/s: $(BUILD)/msg/ftp_server
$(BUILD)/msg/c: $(BUILD)/msg/ftp_client
$(BUILD)/msg/s $(BUILD)/msg/c:
	@ln -sf $(<F) $@

# One program, which looks at the name by which it is called.
$(BUILD)/tcp/www/cgi-bin/trace: $(BUILD)/tcp/www/cgi-bin/run
	@ln -f $< $@

# What httpd has to show: pages as they are, and programs.
PAGES := $(wildcard tcp/www/*.*)
$(BUILD)/tcp/www/style.css $(BUILD)/tcp/www/book.js: \
    $(BUILD)/tcp/www/%: common/book/%
	@mkdir -p $(@D)
	@cp $< $@
$(PAGES:%=$(BUILD)/%): $(BUILD)/%: %
	@mkdir -p $(@D)
	@cp $< $@

# A C library of before 2021 has POSIX semaphores, queues and segments apart.
LDLIBS += -pthread -lrt

$(UNITS): LDLIBS += -lcmocka
$(BUILD)/sem/bench: LDLIBS += -pthread # sem_post(3), before glibc 2.34

# httpd forks for a living, and a process with few mappings is forked sooner:
# static, where this machine can (and without a word about getaddrinfo, which
# then wants the same C library at run time).
STATIC = -static -Wl,--no-warnings
$(BUILD)/tcp/httpd: LDFLAGS += $(if $(SAN),,$(shell echo 'int main(void){}' | \
    $(CC) -x c -o /dev/null - $(STATIC) 2>/dev/null && echo '$(STATIC)'))

DEPENDENCIES := $(PROGRAMS:=.d) $(SITE:%=$(BUILD)/%.d) $(UNITS:=.d) \
                $(SIMULATORS:=.d)
$(DEPENDENCIES): ;
# A list of before may name a source that has moved meanwhile.
%.c: ;
-include $(DEPENDENCIES)

.PHONY: all help list demo panes trace book figures site bench bench-peers \
        check check-long prove fuzz coverage mutate check-net units tools arch \
        faults network lint report exercise grade handout progress ipc-clean \
        clean
