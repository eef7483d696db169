# SPDX-License-Identifier: BSD-2-Clause
# A header alone: nothing of it is in an image that does not measure itself.
PROVIDES := bench
