#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs a domain on this Xen host until it ends, its console on stdout.
#
#   xl.sh CONFIG NAME    NAME: the domain's, as CONFIG has it
set -eu

config=$1 name=$2
trap 'xl destroy "$name" 2>/dev/null || :' EXIT
trap 'exit 1' HUP INT TERM
xl create -q -c "$config" </dev/null
