/* SPDX-License-Identifier: BSD-2-Clause */
/* An inspection as text and as JSON. */
#include "inspect.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "disasm.h"
#include "elf.h"
#include "harden.h"
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>

/* Why an instruction of the privileged scan may stay in permanent text. */
static const char *priv_reason(const struct priv_hit *h)
{
	static const struct {
		const char *name, *reason;
	} reasons[] = {
		{"in", "reads ports: console status, clock"},
		{"out", "writes ports: console, exit"},
		{"hlt", "stops the processor at the end"},
		{"syscall", "calls the hypervisor of a guest in ring 3"},
		{"vmcall", "calls the hypervisor, on Intel processors"},
		{"vmmcall", "calls the hypervisor, on AMD processors"},
		{"mov-from-cr", "reads the address of a page fault; changes nothing"},
	};

	if (!h->aligned)
		return "bytes inside an instruction: needs a jump into its middle";
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (str_eq(reasons[i].name, h->name))
			return reasons[i].reason;
	return "no reason known";
}

static void print_units(const struct inspection *in, FILE *to)
{
	fprintf(to, "%-20s %8s %8s %8s %8s %8s\n", "unit", "text", "rodata", "data", "bss", "file");
	for (size_t i = 0; i < in->units_len; i++) {
		const struct unit_bytes *u = &in->units[i];

		fprintf(to,
			"%-20s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "\n",
			u->unit, u->text, u->rodata, u->data, u->bss, u->file);
	}
	fprintf(to, "%-20s %8s %8s %8s %8s %8" PRIu64 "\n", "all", "", "", "", "", in->file_bytes);
}

static const char *segment_name(uint32_t type)
{
	switch (type) {
	case PT_LOAD:
		return "load";
	case PT_NOTE:
		return "note";
	case PT_TLS:
		return "tls";
	case PT_DYNAMIC:
		return "dynamic";
	case PT_GNU_STACK:
		return "stack";
	case PT_GNU_RELRO:
		return "relro";
	default:
		return "other";
	}
}

static void print_segments(const struct inspection *in, FILE *to)
{
	fprintf(to, "\n%-8s %-6s %10s %10s %10s\n", "segment", "rights", "address", "file",
		"memory");
	for (size_t i = 0; i < in->image->stripped.segments_len; i++) {
		const struct elf_segment *s = &in->image->stripped.segments[i];

		fprintf(to, "%-8s %c%c%c    %#10" PRIx64 " %10" PRIu64 " %10" PRIu64 "\n",
			segment_name(s->type), s->flags & PF_R ? 'r' : '-',
			s->flags & PF_W ? 'w' : '-', s->flags & PF_X ? 'x' : '-', s->vaddr,
			s->filesz, s->memsz);
	}
}

static void print_mechanism(const struct mech_report *m, const char *platform, FILE *to)
{
	const struct verdict *v = &m->verdict;

	fprintf(to, "%-10s asked %-7s found %s", m->name, m->asked ? m->asked : "?",
		v->is_vacuous ? "nothing" : verdict_state_name(v->state));
	if (v->is_vacuous)
		fprintf(to, ": no %s to cover", v->what);
	else if (v->state == VERDICT_ON || v->state == VERDICT_PARTIAL)
		fprintf(to, " (%s): %zu of %zu %s", v->level ? v->level : "?", v->covered, v->total,
			v->what);
	fprintf(to, "%s\n", m->is_met || !m->asked ? "" : "  NOT MET");
	if (v->problem)
		fprintf(to, "           problem: %s\n", v->problem);
	if (m->left_out)
		fprintf(to, "           the profile asks for %s\n", m->left_out);
	if (m->status && !str_eq(m->status, "proven"))
		fprintf(to, "           %s on %s%s%s\n", m->status, platform, m->reason ? ": " : "",
			m->reason ? m->reason : "");
	for (size_t i = 0; i < v->facts.len; i++)
		fprintf(to, "           %s\n", v->facts.v[i]);
	for (size_t i = 0; i < v->exempt.len; i++)
		fprintf(to, "           exempt: %s\n", v->exempt.v[i]);
}

/* Hits of one name and kind are one line. */
static bool is_first_of_kind(const struct priv_hits *hits, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(hits->v[i].name, hits->v[at].name) &&
		    hits->v[i].aligned == hits->v[at].aligned)
			return false;
	return true;
}

static size_t count_kind(const struct priv_hits *hits, size_t at)
{
	size_t n = 0;

	for (size_t i = at; i < hits->len; i++)
		n += str_eq(hits->v[i].name, hits->v[at].name) &&
		     hits->v[i].aligned == hits->v[at].aligned;
	return n;
}

static void print_privileged(const struct inspection *in, FILE *to)
{
	fprintf(to, "\nprivileged instructions in text that stays mapped%s\n",
		in->priv.len ? "" : ": none");
	for (size_t i = 0; i < in->priv.len; i++) {
		const struct priv_hit *h = &in->priv.v[i];
		const struct image_func *f = image_func_at(in->image, h->addr);

		if (!is_first_of_kind(&in->priv, i))
			continue;
		fprintf(to, "%-12s %4zu  first in %s; %s\n", h->name, count_kind(&in->priv, i),
			f ? f->name : "?", priv_reason(h));
	}
}

void inspect_print(const struct inspection *in, FILE *to)
{
	fprintf(to, "%s  %" PRIu64 " bytes\nsha256 %s\nbuild-id %s\n", in->path, in->file_bytes,
		in->sha256, in->build_id);
	if (in->name)
		fprintf(to, "%s for %s, profile %s\n", in->name, in->platform ? in->platform : "?",
			in->profile ? in->profile : "?");
	fputc('\n', to);
	print_units(in, to);
	for (size_t i = 0; i < in->vanished.len; i++)
		fprintf(to, "%s'%s'%s",
			i ? ", " : "chosen, and nothing of it is reached: ", in->vanished.v[i],
			i + 1 == in->vanished.len ? "\n" : "");
	for (size_t i = 0; i < in->reworded.len; i++)
		fprintf(to, "%s\n", in->reworded.v[i]);
	print_segments(in, to);
	fputc('\n', to);
	for (size_t i = 0; i < in->mechs_len; i++)
		print_mechanism(&in->mechs[i], in->platform ? in->platform : "?", to);
	print_privileged(in, to);
	fprintf(to, "\ngadgets: %zu, %zu of them different\n", in->gadgets.total,
		in->gadgets.unique);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *units_json(const struct inspection *in)
{
	json_t *list = json_array();

	for (size_t i = 0; i < in->units_len; i++) {
		const struct unit_bytes *u = &in->units[i];
		json_t *o = json_object();

		json_object_set_new(o, "unit", json_string(u->unit));
		json_object_set_new(o, "text", number(u->text));
		json_object_set_new(o, "rodata", number(u->rodata));
		json_object_set_new(o, "data", number(u->data));
		json_object_set_new(o, "bss", number(u->bss));
		json_object_set_new(o, "file", number(u->file));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *segments_json(const struct inspection *in)
{
	json_t *list = json_array();

	for (size_t i = 0; i < in->image->stripped.segments_len; i++) {
		const struct elf_segment *s = &in->image->stripped.segments[i];
		json_t *o = json_object();

		json_object_set_new(o, "type", json_string(segment_name(s->type)));
		json_object_set_new(o, "read", json_boolean(s->flags & PF_R));
		json_object_set_new(o, "write", json_boolean(s->flags & PF_W));
		json_object_set_new(o, "execute", json_boolean(s->flags & PF_X));
		json_object_set_new(o, "address", number(s->vaddr));
		json_object_set_new(o, "file", number(s->filesz));
		json_object_set_new(o, "memory", number(s->memsz));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *mechanisms_json(const struct inspection *in)
{
	json_t *list = json_array();

	for (size_t i = 0; i < in->mechs_len; i++) {
		const struct mech_report *m = &in->mechs[i];
		const struct verdict *v = &m->verdict;
		json_t *o = json_object();

		json_object_set_new(o, "name", json_string(m->name));
		json_object_set_new(o, "asked", text_or_null(m->asked));
		json_object_set_new(o, "state", json_string(verdict_state_name(v->state)));
		json_object_set_new(o, "level", text_or_null(v->level));
		json_object_set_new(o, "met", json_boolean(m->is_met));
		json_object_set_new(o, "status", text_or_null(m->status));
		json_object_set_new(o, "reason", text_or_null(m->reason));
		json_object_set_new(o, "left_out", text_or_null(m->left_out));
		json_object_set_new(o, "vacuous", json_boolean(v->is_vacuous));
		json_object_set_new(o, "covered", number(v->covered));
		json_object_set_new(o, "total", number(v->total));
		json_object_set_new(o, "what", text_or_null(v->what));
		json_object_set_new(o, "problem", text_or_null(v->problem));
		json_object_set_new(o, "exempt", json_strs(&v->exempt));
		json_object_set_new(o, "facts", json_strs(&v->facts));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *privileged_json(const struct inspection *in)
{
	json_t *list = json_array();

	for (size_t i = 0; i < in->priv.len; i++) {
		const struct priv_hit *h = &in->priv.v[i];
		const struct image_func *f = image_func_at(in->image, h->addr);
		json_t *o = json_object();

		json_object_set_new(o, "name", json_string(h->name));
		json_object_set_new(o, "address", number(h->addr));
		json_object_set_new(o, "function", text_or_null(f ? f->name : NULL));
		json_object_set_new(o, "aligned", json_boolean(h->aligned));
		json_object_set_new(o, "reason", json_string(priv_reason(h)));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *inspect_json(const struct inspection *in)
{
	json_t *o = json_object(), *gadgets = json_object();

	json_object_set_new(gadgets, "total", number(in->gadgets.total));
	json_object_set_new(gadgets, "unique", number(in->gadgets.unique));
	json_object_set_new(o, "path", json_string(in->path));
	json_object_set_new(o, "bytes", number(in->file_bytes));
	json_object_set_new(o, "sha256", json_string(in->sha256));
	json_object_set_new(o, "build_id", json_string(in->build_id));
	json_object_set_new(o, "name", text_or_null(in->name));
	json_object_set_new(o, "platform", text_or_null(in->platform));
	json_object_set_new(o, "profile", text_or_null(in->profile));
	json_object_set_new(o, "units", units_json(in));
	json_object_set_new(o, "reworded", json_strs(&in->reworded));
	json_object_set_new(o, "vanished", json_strs(&in->vanished));
	json_object_set_new(o, "segments", segments_json(in));
	json_object_set_new(o, "mechanisms", mechanisms_json(in));
	json_object_set_new(o, "privileged", privileged_json(in));
	json_object_set_new(o, "gadgets", gadgets);
	return o;
}
