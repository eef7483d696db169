/* SPDX-License-Identifier: BSD-2-Clause */
/* What most unit tests begin with: an arena and an empty list of diagnostics for each test. */
#ifndef UKB_TESTS_FIXTURE_H
#define UKB_TESTS_FIXTURE_H

#include "base/arena.h"
#include "base/diag.h"

static struct arena *arena;
static struct diags diags;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	diags_init(&diags, arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* A test with both. */
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
