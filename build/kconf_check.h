/* SPDX-License-Identifier: BSD-2-Clause */
/* What kconfig-conf does not say: requests that cannot be, and why an outcome is not what was asked. */
#ifndef UKB_KCONF_CHECK_H
#define UKB_KCONF_CHECK_H

#include "kconf.h"

/* Before the run: unknown options, options that cannot be set, values of the wrong type. */
int kconf_check_requests(struct arena *a, const struct kconf *k,
			 const struct kconf_request *requests, size_t len, struct diags *d);
/*
 * After it: each request against the outcome (NULL: the program failed), then whatever the program
 * printed (output) that is not its usual comment.
 */
int kconf_check_outcome(struct arena *a, const struct kconf *k,
			const struct kconf_request *requests, size_t len,
			const struct kconf_values *outcome, const char *output, struct diags *d);

/* The value of a Kconfig expression under an outcome; broken expressions are false. */
bool kconf_eval(struct arena *a, const char *expr, const struct kconf_values *values);

#endif
