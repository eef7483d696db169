# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
CONFLICTS := strict=high
