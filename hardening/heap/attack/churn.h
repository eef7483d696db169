/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that goes on: takes and gives blocks until every slot of their size has been used again. */
#ifndef CHURN_H
#define CHURN_H

#include <stddef.h>
#include <stdlib.h>

#define CHURN_LIVE 256
#define CHURN_STEPS 8000

static inline void churn(size_t bytes)
{
	static void *volatile live[CHURN_LIVE];

	for (size_t i = 0; i < CHURN_STEPS; i++) {
		free(live[i % CHURN_LIVE]);
		live[i % CHURN_LIVE] = malloc(bytes);
	}
	for (size_t i = 0; i < CHURN_LIVE; i++) {
		free(live[i]);
		live[i] = NULL;
	}
}

#endif
