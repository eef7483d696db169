# SPDX-License-Identifier: BSD-2-Clause
# The headers are implemented by the platform, the generated start-up and libs/start or libs/musl.
PROVIDES := plat
