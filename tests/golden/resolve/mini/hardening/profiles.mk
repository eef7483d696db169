# SPDX-License-Identifier: BSD-2-Clause
none :=
default := strict=low
both := strict=high
