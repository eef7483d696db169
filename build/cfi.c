/* SPDX-License-Identifier: BSD-2-Clause */
#include "cfi.h"

#include <string.h>

/* DWARF 4, 7.23: call frame instructions. The first three keep their operand in the low six bits.
 */
enum {
	DW_CFA_advance_loc = 0x40,
	DW_CFA_offset = 0x80,
	DW_CFA_restore = 0xc0,
	DW_CFA_nop = 0x00,
	DW_CFA_set_loc = 0x01,
	DW_CFA_advance_loc1 = 0x02,
	DW_CFA_advance_loc2 = 0x03,
	DW_CFA_advance_loc4 = 0x04,
	DW_CFA_offset_extended = 0x05,
	DW_CFA_restore_extended = 0x06,
	DW_CFA_undefined = 0x07,
	DW_CFA_same_value = 0x08,
	DW_CFA_register = 0x09,
	DW_CFA_remember_state = 0x0a,
	DW_CFA_restore_state = 0x0b,
	DW_CFA_def_cfa = 0x0c,
	DW_CFA_def_cfa_register = 0x0d,
	DW_CFA_def_cfa_offset = 0x0e,
	DW_CFA_def_cfa_expression = 0x0f,
	DW_CFA_expression = 0x10,
	DW_CFA_offset_extended_sf = 0x11,
	DW_CFA_def_cfa_sf = 0x12,
	DW_CFA_def_cfa_offset_sf = 0x13,
	DW_CFA_val_offset = 0x14,
	DW_CFA_val_offset_sf = 0x15,
	DW_CFA_val_expression = 0x16,
	DW_CFA_GNU_args_size = 0x2e,
};

/* CIE_id of .debug_frame, 32-bit DWARF: 6.4.1. */
#define CIE_ID 0xffffffffu
/* Deepest nesting of remember_state followed; compilers nest once. */
#define STATES_MAX 8

/* Bytes still to be read; is_bad once a read went past the end. */
struct bytes {
	const uint8_t *at, *end;
	bool is_bad;
};

struct cie {
	uint64_t code_align;
	int64_t data_align;
	struct bytes program;
};

struct machine {
	uint64_t pc; /* the rule holds from here on */
	struct cfi_rule rule;
	bool is_known; /* false after an expression */
	struct cfi_rule states[STATES_MAX];
	unsigned states_len;
};

static uint64_t take(struct bytes *b, size_t n)
{
	uint64_t v = 0;
	size_t i;

	if ((size_t)(b->end - b->at) < n) {
		b->is_bad = true;
		b->at = b->end;
		return 0;
	}
	for (i = 0; i < n; i++)
		v |= (uint64_t)b->at[i] << (8 * i);
	b->at += n;
	return v;
}

static void skip(struct bytes *b, uint64_t n)
{
	if ((uint64_t)(b->end - b->at) < n) {
		b->is_bad = true;
		b->at = b->end;
		return;
	}
	b->at += n;
}

/* LEB128: DWARF 4, 7.6. */
static uint64_t take_leb(struct bytes *b, bool is_signed)
{
	uint64_t v = 0, byte;
	unsigned shift = 0;

	do {
		byte = take(b, 1);
		if (shift < 64)
			v |= (byte & 0x7f) << shift;
		shift += 7;
	} while ((byte & 0x80) && !b->is_bad);
	if (is_signed && shift < 64 && (byte & 0x40))
		v |= ~(uint64_t)0 << shift;
	return v;
}

/* The entry at b: its bytes behind the length, and b behind it. False at the end. */
static bool take_entry(struct bytes *b, struct bytes *ret)
{
	uint64_t len = take(b, 4);

	/* 0xfffffff0 and above: 64-bit DWARF, which no image of this size has. */
	if (b->is_bad || len >= 0xfffffff0u || len > (uint64_t)(b->end - b->at))
		return false;
	ret->at = b->at;
	ret->end = b->at + len;
	ret->is_bad = false;
	b->at += len;
	return true;
}

static bool read_cie(const uint8_t *section, size_t len, uint64_t offset, struct cie *ret)
{
	struct bytes all, e;
	uint64_t version;

	if (offset >= len)
		return false;
	all = (struct bytes){section + offset, section + len, false};
	if (!take_entry(&all, &e) || take(&e, 4) != CIE_ID)
		return false;
	version = take(&e, 1);
	/* An augmentation (only .eh_frame has one) would move what follows. */
	if ((version != 1 && version != 3 && version != 4) || take(&e, 1) != 0)
		return false;
	if (version == 4) {
		uint64_t address_size = take(&e, 1), segment_size = take(&e, 1);

		if (address_size != 8 || segment_size != 0)
			return false;
	}
	ret->code_align = take_leb(&e, false);
	ret->data_align = (int64_t)take_leb(&e, true);
	if (version == 1)
		skip(&e, 1); /* return address register */
	else
		take_leb(&e, false);
	ret->program = e;
	return !e.is_bad;
}

static void skip_block(struct bytes *b)
{
	skip(b, take_leb(b, false));
}

/* Rules of other registers do not matter here: only their operands are read over. */
static bool skip_register_rule(struct bytes *b, unsigned op)
{
	switch (op) {
	case DW_CFA_restore_extended:
	case DW_CFA_undefined:
	case DW_CFA_same_value:
	case DW_CFA_GNU_args_size:
		take_leb(b, false);
		return true;
	case DW_CFA_offset_extended:
	case DW_CFA_register:
	case DW_CFA_offset_extended_sf:
	case DW_CFA_val_offset:
	case DW_CFA_val_offset_sf:
		take_leb(b, false);
		take_leb(b, false);
		return true;
	case DW_CFA_expression:
	case DW_CFA_val_expression:
		take_leb(b, false);
		skip_block(b);
		return true;
	default:
		return op == DW_CFA_nop;
	}
}

static bool run_cfa_op(struct machine *m, struct bytes *b, const struct cie *cie, unsigned op)
{
	switch (op) {
	case DW_CFA_def_cfa:
	case DW_CFA_def_cfa_sf:
		m->rule.reg = (unsigned)take_leb(b, false);
		m->rule.offset = (int64_t)take_leb(b, op == DW_CFA_def_cfa_sf);
		if (op == DW_CFA_def_cfa_sf)
			m->rule.offset =
				(int64_t)((uint64_t)m->rule.offset * (uint64_t)cie->data_align);
		m->is_known = true;
		return true;
	case DW_CFA_def_cfa_register:
		m->rule.reg = (unsigned)take_leb(b, false);
		return true;
	case DW_CFA_def_cfa_offset:
		m->rule.offset = (int64_t)take_leb(b, false);
		return true;
	case DW_CFA_def_cfa_offset_sf:
		m->rule.offset = (int64_t)(take_leb(b, true) * (uint64_t)cie->data_align);
		return true;
	case DW_CFA_def_cfa_expression:
		skip_block(b);
		m->is_known = false;
		return true;
	case DW_CFA_remember_state:
		if (m->states_len == STATES_MAX)
			return false;
		m->states[m->states_len++] = m->rule;
		return true;
	case DW_CFA_restore_state:
		if (!m->states_len)
			return false;
		m->rule = m->states[--m->states_len];
		return true;
	default:
		return skip_register_rule(b, op);
	}
}

/* Runs instructions until the rule at pc stands. False when one is not known. */
static bool run_program(struct machine *m, struct bytes b, const struct cie *cie, uint64_t pc)
{
	while (b.at < b.end && !b.is_bad) {
		unsigned op = (unsigned)take(&b, 1);
		uint64_t next = m->pc;

		if ((op & 0xc0) == DW_CFA_advance_loc) {
			next += (op & 0x3f) * cie->code_align;
		} else if ((op & 0xc0) == DW_CFA_offset) {
			take_leb(&b, false);
		} else if ((op & 0xc0) == DW_CFA_restore) {
			continue;
		} else if (op == DW_CFA_set_loc) {
			next = take(&b, 8);
		} else if (op >= DW_CFA_advance_loc1 && op <= DW_CFA_advance_loc4) {
			next += take(&b, (size_t)1 << (op - DW_CFA_advance_loc1)) * cie->code_align;
		} else if (!run_cfa_op(m, &b, cie, op)) {
			return false;
		}
		if (next > pc)
			return true;
		m->pc = next;
	}
	return !b.is_bad;
}

static bool rule_in(const struct cie *cie, struct bytes program, uint64_t start, uint64_t pc,
		    struct cfi_rule *ret)
{
	struct machine m = {.pc = start};

	if (!run_program(&m, cie->program, cie, UINT64_MAX) || !m.is_known)
		return false;
	m.pc = start;
	if (!run_program(&m, program, cie, pc) || !m.is_known)
		return false;
	*ret = m.rule;
	return true;
}

bool cfi_find(const uint8_t *section, size_t len, uint64_t pc, struct cfi_rule *ret)
{
	struct bytes all, e;

	if (!section)
		return false;
	all = (struct bytes){section, section + len, false};
	while (all.at < all.end && take_entry(&all, &e)) {
		uint64_t id = take(&e, 4), start, range;
		struct cie cie;

		if (id == CIE_ID)
			continue;
		start = take(&e, 8);
		range = take(&e, 8);
		if (e.is_bad || pc < start || pc - start >= range)
			continue;
		return read_cie(section, len, id, &cie) && rule_in(&cie, e, start, pc, ret);
	}
	return false;
}
