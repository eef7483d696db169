/* SPDX-License-Identifier: BSD-2-Clause */
/* Horizontal bars as SVG. Sizes are user units of a viewBox, so that the page decides the width. */
#include "report.h"

#include "base/arena.h"

#include <inttypes.h>
#include <string.h>

/* Layout: wide enough for a phone held upright (about 380 pixels) without shrinking the text. */
enum {
	WIDTH = 400,
	LABEL_WIDTH = 96,
	LABEL_CHARS = 12, /* what fits in there */
	VALUE_WIDTH = 88,
	ROW_HEIGHT = 24,
	BAR_HEIGHT = 16,
	BAR_TOP = (ROW_HEIGHT - BAR_HEIGHT) / 2,
	TEXT_BASE = 16, /* from the top of a row to the base line of its text */
	TITLE_HEIGHT = 28,
	LEGEND_HEIGHT = 24,
	LEGEND_BOX = 10,
	LEGEND_CHAR = 7, /* about the width of a letter of the legend */
};

void report_escape(struct sb *b, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			sb_put(b, "&amp;");
			break;
		case '<':
			sb_put(b, "&lt;");
			break;
		case '>':
			sb_put(b, "&gt;");
			break;
		case '"':
			sb_put(b, "&quot;");
			break;
		default:
			sb_putn(b, s, 1);
		}
	}
}

static uint64_t total_of(const struct chart_bar *bar)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < CHART_PARTS; i++)
		sum += bar->parts[i];
	return sum;
}

static void put_text(struct sb *b, const char *class, int x, int y, const char *s)
{
	sb_putf(b, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
	report_escape(b, s);
	sb_put(b, "</text>\n");
}

/* The label, cut where it would run out of the picture. */
static void put_label(struct sb *b, int y, const char *label)
{
	sb_putf(b, "<text class=\"label\" x=\"%d\" y=\"%d\">", LABEL_WIDTH - 6, y);
	report_escape(b, arena_printf(b->arena, "%.*s%s", LABEL_CHARS, label,
				      strlen(label) > LABEL_CHARS ? "\u2026" : ""));
	sb_put(b, "</text>\n");
}

static void put_bar(struct sb *b, const struct chart_bar *bar, uint64_t most, int y)
{
	const double scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / (most ? (double)most : 1.0);
	double x = LABEL_WIDTH;
	size_t i;

	put_label(b, y + TEXT_BASE, bar->label);
	for (i = 0; i < CHART_PARTS; i++) {
		double width = (double)bar->parts[i] * scale;

		if (!bar->parts[i])
			continue;
		sb_putf(b,
			"<rect class=\"p%zu\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
			i, x, y + BAR_TOP, width, BAR_HEIGHT);
		x += width;
	}
	put_text(b, "value", (int)x + 5, y + TEXT_BASE, bar->value);
}

static void put_legend(struct sb *b, const struct chart *c, int y)
{
	int x = LABEL_WIDTH;
	size_t i;

	for (i = 0; i < CHART_PARTS && c->legend[i]; i++) {
		sb_putf(b, "<rect class=\"p%zu\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
			i, x, y, LEGEND_BOX, LEGEND_BOX);
		put_text(b, "legend", x + LEGEND_BOX + 4, y + LEGEND_BOX, c->legend[i]);
		x += LEGEND_BOX + 16 + LEGEND_CHAR * (int)strlen(c->legend[i]);
	}
}

void report_chart(struct sb *b, const struct chart *c)
{
	int height = TITLE_HEIGHT + (int)c->len * ROW_HEIGHT + (c->legend[0] ? LEGEND_HEIGHT : 4);
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < c->len; i++)
		if (total_of(&c->v[i]) > most)
			most = total_of(&c->v[i]);
	sb_putf(b, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, height);
	report_escape(b, c->title);
	sb_put(b, "\">\n");
	put_text(b, "title", 0, 16, c->title);
	for (i = 0; i < c->len; i++)
		put_bar(b, &c->v[i], most, TITLE_HEIGHT + (int)i * ROW_HEIGHT);
	if (c->legend[0])
		put_legend(b, c, height - LEGEND_HEIGHT + 8);
	sb_put(b, "</svg>\n");
}
