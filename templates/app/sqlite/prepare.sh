#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes the amalgamation: all of SQLite as the one file that upstream recommends to compile, because compilers
# optimise across it. Upstream's own makefile does it, with the distribution's tclsh and a compiler for two
# generators. What building does not need is removed: tests' data is 60 MB.
set -eu
mkdir build
cd build
make -s -f ../main.mk TOP=.. BCC="${CC:-cc} -O1" sqlite3.c >make.log 2>&1 || {
	cat make.log >&2
	exit 1
}
mv sqlite3.c ..
mv sqlite3.h ..
mv ../test/speedtest1.c ..
cd ..
rm -rf art autoconf build compat contrib doc ext mptest src test tool vsixtest
