/* SPDX-License-Identifier: BSD-2-Clause */
/* The last step that `measure` and `report` share: print the report, then judge the budget. */
#ifndef UKB_CMD_REPORT_H
#define UKB_CMD_REPORT_H

struct cost;
struct ctx;
struct manifest;

/*
 * Prints the report of cost in the form asked for (c->json, c->format) to c->output or stdout. An
 * exceeded budget is an error of kind DIAG_CHECK, after the report.
 */
int report_cost(struct ctx *c, const struct manifest *m, const struct cost *cost);

#endif
