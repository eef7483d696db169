/* SPDX-License-Identifier: BSD-2-Clause */
/* Points of two figures as SVG, each with its name. */
#include "report.h"

#include "base/arena.h"

#include <stdbool.h>
#include <string.h>

/* User units of the viewBox, as wide as the other charts; the plane lies inside of the axes. */
enum {
	WIDTH = 400,
	PLANE_LEFT = 40,
	PLANE_TOP = 44,
	PLANE_WIDTH = WIDTH - PLANE_LEFT - 12,
	PLANE_HEIGHT = 220,
	HEIGHT = PLANE_TOP + PLANE_HEIGHT + 44,
	POINT_RADIUS = 4,
	NAME_HEIGHT = 13,
	NAME_CHAR = 7, /* about the width of a letter */
};

static double greatest(const struct scatter *s, bool is_x)
{
	double most = 0;

	for (size_t i = 0; i < s->len; i++) {
		double v = is_x ? s->v[i].x : s->v[i].y;

		most = v > most ? v : most;
	}
	return most > 0 ? most : 1;
}

static int name_width(const struct scatter *s, size_t i)
{
	return NAME_CHAR * (int)strlen(s->v[i].label);
}

/* Where names were put: the left end of the base line. */
struct place {
	int x, y;
};

/* A place for name i at x, at or below y, that no name before it has taken. */
static int free_line(const struct scatter *s, const struct place *taken, size_t i, int x, int y)
{
	for (size_t k = 0; k < i; k++) {
		bool is_beside =
			taken[k].x >= x + name_width(s, i) || x >= taken[k].x + name_width(s, k);

		if (is_beside || taken[k].y <= y - NAME_HEIGHT || taken[k].y >= y + NAME_HEIGHT)
			continue;
		y = taken[k].y + NAME_HEIGHT;
		k = (size_t)-1; /* from the first again: the new place may be another's */
	}
	return y;
}

static void put_text(struct sb *b, const char *class, int x, int y, const char *s)
{
	sb_putf(b, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
	report_escape(b, s);
	sb_put(b, "</text>\n");
}

static void put_axes(struct sb *b, const struct scatter *s, double most_x, double most_y)
{
	const int bottom = PLANE_TOP + PLANE_HEIGHT;

	sb_putf(b, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", PLANE_LEFT, PLANE_TOP - 4, bottom,
		WIDTH);
	put_text(b, "legend", 0, PLANE_TOP - 12, s->y_name);
	put_text(b, "legend", PLANE_LEFT, bottom + 34, s->x_name);
	put_text(b, "value", PLANE_LEFT, bottom + 16, "0");
	put_text(b, "value end", WIDTH - 12, bottom + 16, arena_printf(b->arena, "%.1f", most_x));
	put_text(b, "value end", PLANE_LEFT - 6, PLANE_TOP + 4,
		 arena_printf(b->arena, "%.0f", most_y));
}

void report_scatter(struct sb *b, const struct scatter *s)
{
	double most_x = greatest(s, true), most_y = greatest(s, false);
	struct place *at = arena_array(b->arena, s->len + 1, sizeof(*at));

	sb_putf(b, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
	report_escape(b, s->title);
	sb_put(b, "\">\n");
	put_text(b, "title", 0, 16, s->title);
	put_axes(b, s, most_x, most_y);
	for (size_t i = 0; i < s->len; i++) {
		const struct scatter_point *p = &s->v[i];
		int x = PLANE_LEFT + (int)((p->x > 0 ? p->x : 0) / most_x * PLANE_WIDTH);
		int y = PLANE_TOP + (int)((1 - (p->y > 0 ? p->y : 0) / most_y) * PLANE_HEIGHT);

		sb_putf(b, "<circle class=\"p0\" cx=\"%d\" cy=\"%d\" r=\"%d\"/>\n", x, y,
			POINT_RADIUS);
		at[i].x = x + 8 + name_width(s, i) > WIDTH ? x - 8 - name_width(s, i) : x + 8;
		/* A little above: the name of a point on an axis is not struck through. */
		at[i].y = free_line(s, at, i, at[i].x, y - 3);
		put_text(b, "name", at[i].x, at[i].y, p->label);
	}
	sb_put(b, "</svg>\n");
}
