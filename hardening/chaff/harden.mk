# SPDX-License-Identifier: BSD-2-Clause
# Nothing is stopped, so there is nothing to show but that decoys do no harm (verify.c; chaff/harmless of tests/attack).
LEVELS := off few many
DEFAULT := few
PASS := chaff seeded
STATUS.kvm := verifier it stops no attack; the time that it may cost who reads the image has not been measured
STATUS.process := verifier it stops no attack; the time that it may cost who reads the image has not been measured
STATUS.xen-pv := verifier it stops no attack; the time that it may cost who reads the image has not been measured
STATUS.xen-pvh := verifier it stops no attack; the time that it may cost who reads the image has not been measured
