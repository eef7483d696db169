/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disassembly through capstone, reduced to the questions of disasm.h, and the scans that need each
 * byte offset. Encodings: Intel SDM volume 2, appendix A (opcode map) and the instructions' pages.
 */
#include "disasm.h"

#include "base/arena.h"
#include "base/diag.h"
#include <capstone/capstone.h>
#include <stdlib.h>
#include <string.h>

struct disasm {
	csh handle;
	cs_insn *insn;
};

struct disasm *disasm_open(struct arena *a, struct diags *d)
{
	struct disasm *s = arena_alloc(a, sizeof(*s));

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &s->handle) != CS_ERR_OK) {
		(void)diag_fail(d, DIAG_TOOL, "capstone cannot disassemble x86-64");
		return NULL;
	}
	(void)cs_option(s->handle, CS_OPT_DETAIL, CS_OPT_ON); /* only fails for a bad option */
	s->insn = cs_malloc(s->handle);
	if (!s->insn) {
		(void)cs_close(&s->handle);
		(void)diag_fail(d, DIAG_TOOL, "capstone is out of memory");
		return NULL;
	}
	return s;
}

void disasm_close(struct disasm *s)
{
	if (!s)
		return;
	cs_free(s->insn, 1);
	(void)cs_close(&s->handle); /* the handle is gone either way */
}

static bool in_group(const cs_insn *i, uint8_t group)
{
	for (uint8_t k = 0; k < i->detail->groups_count; k++)
		if (i->detail->groups[k] == group)
			return true;
	return false;
}

static bool is_stack_reg(x86_reg r)
{
	return r == X86_REG_RSP || r == X86_REG_RBP;
}

/* Encoding numbers of the general registers plus 1, by capstone's names; those of 64 bits are marked. */
#define WHOLE 0x80
#define REG(n, r64, r32, r16, r8)                                                                  \
	[X86_REG_##r64] = WHOLE | ((n) + 1), [X86_REG_##r32] = (n) + 1, [X86_REG_##r16] = (n) + 1, \
	[X86_REG_##r8] = (n) + 1
static const uint8_t reg_numbers[X86_REG_ENDING] = {
	REG(0, RAX, EAX, AX, AL),       REG(1, RCX, ECX, CX, CL),
	REG(2, RDX, EDX, DX, DL),       REG(3, RBX, EBX, BX, BL),
	REG(4, RSP, ESP, SP, SPL),      REG(5, RBP, EBP, BP, BPL),
	REG(6, RSI, ESI, SI, SIL),      REG(7, RDI, EDI, DI, DIL),
	REG(8, R8, R8D, R8W, R8B),      REG(9, R9, R9D, R9W, R9B),
	REG(10, R10, R10D, R10W, R10B), REG(11, R11, R11D, R11W, R11B),
	REG(12, R12, R12D, R12W, R12B), REG(13, R13, R13D, R13W, R13B),
	REG(14, R14, R14D, R14W, R14B), REG(15, R15, R15D, R15W, R15B),
	[X86_REG_AH] = REG_RAX + 1,     [X86_REG_CH] = REG_RCX + 1,
	[X86_REG_DH] = REG_RDX + 1,     [X86_REG_BH] = REG_RBX + 1,
};

/* The encoding number of a general register of any width, or REG_NONE. */
static int reg_number_any(x86_reg r)
{
	return (reg_numbers[r] & ~WHOLE) - 1;
}

/* The encoding number of a 64-bit register, or REG_NONE. */
static int reg_number(x86_reg r)
{
	return reg_numbers[r] & WHOLE ? reg_number_any(r) : REG_NONE;
}

static bool is_trap(const cs_insn *i)
{
	switch (i->id) {
	/* From 0x81 on: a failed check in text that cannot be read. Below that it may be a system call. */
	case X86_INS_INT:
		return i->detail->x86.operands[0].imm > 0x80;
	case X86_INS_UD0:
	case X86_INS_UD2B: /* ud1 */
	case X86_INS_UD2:
	case X86_INS_INT3:
	case X86_INS_HLT:
		return true;
	default:
		return false;
	}
}

static void set_branch(const cs_insn *i, enum insn_kind direct, enum insn_kind indirect,
		       struct insn *ret)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];

	if (i->detail->x86.op_count > 0 && op->type == X86_OP_IMM) {
		ret->kind = direct;
		ret->target = (uint64_t)op->imm;
		return;
	}
	ret->kind = indirect;
	if (i->detail->x86.op_count > 0 && op->type == X86_OP_REG)
		ret->reg = reg_number(op->reg);
}

static void set_kind(const cs_insn *i, struct insn *ret)
{
	if (is_trap(i))
		ret->kind = INSN_TRAP;
	else if (i->id == X86_INS_RET)
		ret->kind = INSN_RET;
	else if (in_group(i, CS_GRP_CALL))
		set_branch(i, INSN_CALL, INSN_CALL_INDIRECT, ret);
	else if (i->id == X86_INS_JMP)
		set_branch(i, INSN_JUMP, INSN_JUMP_INDIRECT, ret);
	else if (in_group(i, CS_GRP_JUMP))
		set_branch(i, INSN_JUMP_COND, INSN_OTHER, ret);
}

static void set_memory_operand(const cs_insn *i, const cs_x86_op *op, bool is_destination,
			       struct insn *ret)
{
	const cs_x86 *x = &i->detail->x86;

	if (op->mem.segment == X86_REG_FS && op->mem.base == X86_REG_INVALID &&
	    op->mem.index == X86_REG_INVALID) {
		ret->is_by_fs = true;
		ret->fs_disp = op->mem.disp;
		ret->reads_fs28 = op->mem.disp == 0x28;
	}
	if (i->id != X86_INS_LEA && i->id != X86_INS_NOP)
		ret->has_memory = true;
	if (op->mem.base == X86_REG_RIP)
		ret->memory = i->address + i->size + (uint64_t)op->mem.disp;
	else if (op->mem.base == X86_REG_INVALID && op->mem.index == X86_REG_INVALID &&
		 op->mem.segment == X86_REG_INVALID)
		ret->memory = (uint64_t)op->mem.disp;
	if (is_destination && i->id == X86_INS_MOV && x->op_count == 2) {
		ret->stores_register = x->operands[1].type == X86_OP_REG;
		ret->stores_number = x->operands[1].type == X86_OP_IMM;
		ret->number = ret->stores_number ? x->operands[1].imm : 0;
	}
	if (!is_stack_reg(op->mem.base))
		return;
	ret->stack_disp = op->mem.disp;
	ret->by_rbp = op->mem.base == X86_REG_RBP;
	if (i->id == X86_INS_LEA) {
		ret->takes_stack_address = !is_stack_reg(x->operands[0].reg);
		return;
	}
	ret->indexes_stack = op->mem.index != X86_REG_INVALID;
	if (is_destination && x->op_count == 2)
		ret->touches_stack_page = op->mem.base == X86_REG_RSP && op->mem.disp == 0 &&
					  x->operands[1].type == X86_OP_IMM;
}

static void set_operands(const cs_insn *i, struct insn *ret)
{
	const cs_x86 *x = &i->detail->x86;

	for (uint8_t k = 0; k < x->op_count; k++)
		if (x->operands[k].type == X86_OP_MEM)
			set_memory_operand(i, &x->operands[k], k == 0, ret);
	if (x->op_count != 2 || x->operands[0].type != X86_OP_REG)
		return;
	if (i->id == X86_INS_SUB && x->operands[0].reg == X86_REG_RSP &&
	    x->operands[1].type == X86_OP_IMM)
		ret->sub_rsp = x->operands[1].imm;
	if (x->operands[1].type != X86_OP_REG)
		return;
	if (i->id == X86_INS_MOV && x->operands[1].reg == X86_REG_RSP) {
		ret->sets_rbp = x->operands[0].reg == X86_REG_RBP;
		ret->takes_stack_address = !ret->sets_rbp;
	}
	if ((i->id == X86_INS_MOV || i->id == X86_INS_SUB) && x->operands[0].reg == X86_REG_RSP)
		ret->sets_rsp = x->operands[1].reg != X86_REG_RBP;
}

static uint16_t register_mask(const uint16_t *regs, uint8_t len)
{
	uint16_t mask = 0;

	for (uint8_t k = 0; k < len; k++) {
		int n = reg_number_any(regs[k]);

		if (n != REG_NONE)
			mask |= (uint16_t)(1u << n);
	}
	return mask;
}

/* The general registers that i reads and changes, named or not (a call names only %rsp). */
static void set_registers(const struct disasm *s, const cs_insn *i, struct insn *ret)
{
	cs_regs reads, writes;
	uint8_t reads_len, writes_len;

	ret->reads = ret->writes = UINT16_MAX;
	if (cs_regs_access(s->handle, i, reads, &reads_len, writes, &writes_len) != CS_ERR_OK)
		return;
	ret->reads = register_mask(reads, reads_len);
	ret->writes = register_mask(writes, writes_len);
}

/* Whether a first operand in memory is only read. */
static bool only_reads(const cs_insn *i)
{
	switch (i->id) {
	case X86_INS_CMP:
	case X86_INS_TEST:
	case X86_INS_BT:
	case X86_INS_PUSH:
	case X86_INS_LEA:
	case X86_INS_NOP:
	case X86_INS_MUL:
	case X86_INS_DIV:
	case X86_INS_IDIV:
	case X86_INS_FLD:
	case X86_INS_FILD:
	case X86_INS_FLDCW:
	case X86_INS_LDMXCSR:
		return true;
	default:
		return in_group(i, CS_GRP_CALL) || in_group(i, CS_GRP_JUMP);
	}
}

static void set_memory_flow(const cs_insn *i, struct insn *ret)
{
	const cs_x86 *x = &i->detail->x86;

	for (uint8_t k = 0; k < x->op_count; k++) {
		const cs_x86_op *op = &x->operands[k];

		if (op->type != X86_OP_MEM || op->mem.segment != X86_REG_INVALID)
			continue;
		ret->mem_base = reg_number(op->mem.base);
		ret->mem_has_index = op->mem.index != X86_REG_INVALID;
		ret->mem_index = reg_number(op->mem.index);
		ret->mem_scale = (uint8_t)op->mem.scale;
		ret->mem_bytes = op->size;
		ret->mem_disp = op->mem.disp;
		ret->writes_memory = k == 0 && !only_reads(i);
		return;
	}
}

/* What two operands do to a register: 64 bits, or 32, after which the upper half is zero (SDM vol. 1, 3.4.1.1). */
static enum insn_effect effect_of(const cs_insn *i, const cs_x86_op *op, const struct insn *insn)
{
	bool is_whole = op[0].size == 8, is_number = op[1].type == X86_OP_IMM;

	switch (i->id) {
	case X86_INS_XOR:
		return insn->src == insn->dst ? EFFECT_NUMBER : EFFECT_OTHER;
	case X86_INS_MOV:
	case X86_INS_MOVABS:
		if (is_number)
			return EFFECT_NUMBER;
		return is_whole && insn->src != REG_NONE ? EFFECT_COPY : EFFECT_OTHER;
	case X86_INS_LEA:
		return is_whole && insn->mem_base != REG_NONE && !insn->mem_has_index
			       ? EFFECT_ADDRESS
			       : EFFECT_OTHER;
	case X86_INS_ADD:
	case X86_INS_SUB:
		return is_whole && is_number ? EFFECT_ADD : EFFECT_OTHER;
	case X86_INS_AND:
		return is_whole && is_number ? EFFECT_ALIGN : EFFECT_OTHER;
	case X86_INS_CMP:
		return insn->src != REG_NONE ? EFFECT_COMPARE : EFFECT_OTHER;
	default:
		return EFFECT_OTHER;
	}
}

static void set_effect(const cs_insn *i, struct insn *ret)
{
	const cs_x86_op *op = i->detail->x86.operands;
	uint8_t len = i->detail->x86.op_count;

	if (i->id == X86_INS_LEAVE)
		ret->effect = EFFECT_LEAVE;
	if (len == 0 || op[0].type != X86_OP_REG || op[0].size < 4)
		return;
	ret->dst = reg_number_any(op[0].reg);
	if (i->id == X86_INS_POP)
		ret->effect = EFFECT_POP;
	if (len != 2 || ret->dst == REG_NONE)
		return;
	ret->src = op[1].type == X86_OP_REG ? reg_number_any(op[1].reg) : REG_NONE;
	ret->effect = effect_of(i, op, ret);
	if (op[1].type == X86_OP_IMM)
		ret->imm = i->id == X86_INS_SUB ? -op[1].imm : op[1].imm;
}

static bool is_ud1(const uint8_t *code, size_t len)
{
	size_t at = len > 0 && code[0] == 0x67 ? 1 : 0;

	return len >= at + 2 && code[at] == 0x0f && code[at + 1] == 0xb9;
}

/* Length of an instruction whose ModRM is at `at`, with SIB and displacement; 0 when it is cut off. */
static size_t modrm_len(const uint8_t *code, size_t len, size_t at)
{
	const unsigned int mod = code[at] >> 6;

	at++;
	if (mod != 3 && (code[at - 1] & 7) == 4)
		at++;
	at += mod == 1 ? 1 : mod == 2 ? 4 : 0;
	return at <= len ? at : 0;
}

/*
 * Length of a whole ud1 with its operand, or 0: capstone 4 takes the first two bytes alone for it, although
 * ModRM, SIB and displacement follow (Intel SDM vol. 2, UD and 2.1.3).
 */
static size_t ud1_len(const uint8_t *code, size_t len)
{
	size_t at = len > 0 && code[0] == 0x67 ? 1 : 0;

	return at + 2 < len ? modrm_len(code, len, at + 2) : 0;
}

/*
 * Length of what capstone 4 does not know of Intel CET, or 0: SDM vol. 2, RDSSPQ, INCSSPQ, SETSSBSY, SAVEPREVSSP,
 * RSTORSSP. The first sets the register that *ret_writes is a bit of.
 */
static size_t cet_len(const uint8_t *code, size_t len, uint16_t *ret_writes)
{
	const bool has_rex = len > 1 && (code[1] & 0xf0) == 0x40;
	const size_t at = has_rex ? 2 : 1; /* of the opcode, 3 bytes with ModRM */

	*ret_writes = 0;
	if (len < at + 3 || code[0] != 0xf3 || code[at] != 0x0f)
		return 0;
	code += at;
	if (code[1] == 0x01 && (code[2] == 0xe8 || code[2] == 0xea))
		return at + 3;
	if (code[1] == 0x01 && code[2] >> 6 != 3 && (code[2] >> 3 & 7) == 5)
		return modrm_len(code - at, len, at + 2);
	if (code[1] == 0x1e && (code[2] & 0xf8) == 0xc8)
		*ret_writes = (uint16_t)(1u << ((code[2] & 7) + (has_rex && code[-1] & 1) * 8));
	return *ret_writes || (code[1] == 0xae && (code[2] & 0xf8) == 0xe8) ? at + 3 : 0;
}

/* rdpkru and wrpkru, which capstone 4 does not know (Intel SDM vol. 2). */
static bool is_pkru(const uint8_t *code, size_t len)
{
	return len >= 3 && code[0] == 0x0f && code[1] == 0x01 && (code[2] & 0xfe) == 0xee;
}

bool disasm_one(struct disasm *s, const uint8_t *code, size_t len, uint64_t addr, struct insn *ret)
{
	uint64_t at = addr;

	*ret = (struct insn){.addr = addr,
			     .kind = INSN_OTHER,
			     .reg = REG_NONE,
			     .dst = REG_NONE,
			     .src = REG_NONE,
			     .mem_base = REG_NONE,
			     .mem_index = REG_NONE};
	if (is_ud1(code, len)) {
		ret->size = (uint8_t)ud1_len(code, len);
		ret->kind = INSN_TRAP;
		ret->mnemonic = "ud1";
		ret->operands = "";
		return ret->size != 0;
	}
	if (is_pkru(code, len)) {
		const bool is_read = code[2] == 0xee;

		ret->size = 3;
		ret->mnemonic = is_read ? "rdpkru" : "wrpkru";
		ret->operands = "";
		ret->writes = is_read ? 1u << REG_RAX | 1u << REG_RDX : 0;
		ret->reads = 1u << REG_RCX;
		return true;
	}
	ret->size = (uint8_t)cet_len(code, len, &ret->writes);
	if (ret->size) {
		ret->mnemonic = "cet";
		ret->operands = "";
		return true;
	}
	if (!cs_disasm_iter(s->handle, &code, &len, &at, s->insn))
		return false;
	ret->size = (uint8_t)s->insn->size;
	ret->mnemonic = s->insn->mnemonic;
	ret->operands = s->insn->op_str;
	ret->is_compare = s->insn->id == X86_INS_CMP || s->insn->id == X86_INS_SUB ||
			  s->insn->id == X86_INS_XOR;
	ret->is_push = s->insn->id == X86_INS_PUSH;
	ret->is_pop = s->insn->id == X86_INS_POP;
	set_kind(s->insn, ret);
	set_operands(s->insn, ret);
	set_registers(s, s->insn, ret);
	set_memory_flow(s->insn, ret);
	set_effect(s->insn, ret);
	if (ret->effect == EFFECT_NUMBER)
		ret->reads = 0;
	return true;
}

/*
 * Opcode patterns: `first` and `second` bytes, then a ModRM byte of which the reg field (or the
 * whole byte) must fit. Prefixes need no mention: the scan looks at every offset.
 */
enum modrm_rule {
	MODRM_NONE,  /* no third byte */
	MODRM_WHOLE, /* equals `modrm` */
	MODRM_MEM,   /* memory form with reg field `modrm` */
	MODRM_REG,   /* any form with reg field `modrm` */
};
struct priv_pattern {
	const char *name;
	enum modrm_rule rule;
	uint8_t first, second, modrm;
};
static const struct priv_pattern priv_patterns[] = {
	/* CR0, CR3, CR4; others do not exist, or are no protection (CR2, CR8). */
	{"mov-to-cr", MODRM_REG, 0x0f, 0x22, 0},   {"mov-to-cr", MODRM_REG, 0x0f, 0x22, 3},
	{"mov-to-cr", MODRM_REG, 0x0f, 0x22, 4},   {"mov-from-cr", MODRM_NONE, 0x0f, 0x20, 0},
	{"mov-to-dr", MODRM_NONE, 0x0f, 0x23, 0},  {"clts", MODRM_NONE, 0x0f, 0x06, 0},
	{"wrmsr", MODRM_NONE, 0x0f, 0x30, 0},      {"lgdt", MODRM_MEM, 0x0f, 0x01, 2},
	{"lidt", MODRM_MEM, 0x0f, 0x01, 3},        {"lmsw", MODRM_REG, 0x0f, 0x01, 6},
	{"lldt", MODRM_REG, 0x0f, 0x00, 2},        {"ltr", MODRM_REG, 0x0f, 0x00, 3},
	{"wrpkru", MODRM_WHOLE, 0x0f, 0x01, 0xef}, {"xsetbv", MODRM_WHOLE, 0x0f, 0x01, 0xd1},
	{"xrstor", MODRM_MEM, 0x0f, 0xae, 5},      {"xrstors", MODRM_MEM, 0x0f, 0xc7, 3},
	{"syscall", MODRM_NONE, 0x0f, 0x05, 0},    {"sysenter", MODRM_NONE, 0x0f, 0x34, 0},
	{"vmcall", MODRM_WHOLE, 0x0f, 0x01, 0xc1}, {"vmmcall", MODRM_WHOLE, 0x0f, 0x01, 0xd9},
	{"int80", MODRM_NONE, 0xcd, 0x80, 0},      {"iretq", MODRM_NONE, 0x48, 0xcf, 0},
	{"lretq", MODRM_NONE, 0x48, 0xcb, 0},
};

static bool pattern_fits(const struct priv_pattern *p, const uint8_t *c, size_t len)
{
	if (len < 2 || c[0] != p->first || c[1] != p->second)
		return false;
	if (p->rule == MODRM_NONE)
		return true;
	if (len < 3)
		return false;
	if (p->rule == MODRM_WHOLE)
		return c[2] == p->modrm;
	/* ModRM: mod in bits 7..6 (3 = register form), reg in bits 5..3. */
	if (((c[2] >> 3) & 7) != p->modrm)
		return false;
	return p->rule == MODRM_REG || c[2] >> 6 != 3;
}

/* One-byte instructions; NULL for any other byte. */
static const char *one_byte_name(uint8_t c)
{
	switch (c) {
	case 0xe4: /* in imm8 */
	case 0xe5:
	case 0xec: /* in dx */
	case 0xed:
	case 0x6c: /* ins */
	case 0x6d:
		return "in";
	case 0xe6: /* out imm8 */
	case 0xe7:
	case 0xee: /* out dx */
	case 0xef:
	case 0x6e: /* outs */
	case 0x6f:
		return "out";
	case 0xf4:
		return "hlt";
	case 0xcf:
		return "iret";
	case 0xcb: /* lret */
	case 0xca: /* lret imm16 */
		return "lret";
	default:
		return NULL;
	}
}

static bool is_prefix(uint8_t c)
{
	return (c & 0xf0) == 0x40 || c == 0x66 || c == 0xf2 || c == 0xf3;
}

static const struct priv_pattern *find_pattern(const uint8_t *code, size_t len)
{
	for (size_t k = 0; k < ARRAY_LEN(priv_patterns); k++)
		if (pattern_fits(&priv_patterns[k], code, len))
			return &priv_patterns[k];
	return NULL;
}

/* Marks with 1 each offset at which a linear disassembly has the opcode of an instruction. */
static uint8_t *opcode_starts(struct arena *a, struct disasm *s, const uint8_t *code, size_t len)
{
	uint8_t *starts = arena_alloc(a, len);
	struct insn i;
	size_t at = 0;

	while (at < len) {
		size_t op = at;

		if (!disasm_one(s, code + at, len - at, 0, &i)) {
			/* Some privileged instructions are younger than the disassembler. */
			starts[at] = find_pattern(code + at, len - at) != NULL;
			at++;
			continue;
		}
		starts[at] = 1;
		/* 0x48 0xcf and 0x48 0xcb are patterns with their prefix, all others without. */
		while (op + 1 < at + i.size && is_prefix(code[op]))
			op++;
		starts[op] = 1;
		at += i.size;
	}
	return starts;
}

void disasm_scan_privileged(struct arena *a, struct disasm *s, const uint8_t *code, size_t len,
			    uint64_t addr, struct priv_hits *ret)
{
	const uint8_t *starts = opcode_starts(a, s, code, len);

	for (size_t at = 0; at < len; at++) {
		const struct priv_pattern *p = find_pattern(code + at, len - at);
		const char *name = p ? p->name : starts[at] ? one_byte_name(code[at]) : NULL;

		if (name)
			vec_push(a, ret,
				 (struct priv_hit){.addr = addr + at,
						   .name = name,
						   .aligned = starts[at] != 0});
		/* The opcode after 0x48 has been reported with its prefix. */
		if (name && code[at] == 0x48 && at + 1 < len)
			at++;
	}
}

/* A gadget: at most this many instructions and bytes (the common definition of the counters). */
#define GADGET_MAX_INSNS 5
#define GADGET_MAX_BYTES 20

struct decoded {
	uint8_t size; /* 0 = not an instruction */
	bool is_end, is_break;
};

static struct decoded decode_for_gadget(struct disasm *s, const uint8_t *code, size_t len)
{
	struct insn i;

	if (!disasm_one(s, code, len, 0, &i))
		return (struct decoded){0};
	return (struct decoded){
		.size = i.size,
		.is_end = i.kind == INSN_RET || i.kind == INSN_JUMP_INDIRECT ||
			  i.kind == INSN_CALL_INDIRECT,
		.is_break = i.kind != INSN_OTHER,
	};
}

/* Length in bytes of the gadget that starts at p, or 0. */
static size_t gadget_len(const struct decoded *p, size_t len)
{
	size_t at = 0;

	for (unsigned n = 0; n < GADGET_MAX_INSNS && at < len; n++) {
		const struct decoded *i = &p[at];

		if (i->size == 0 || at + i->size > GADGET_MAX_BYTES)
			return 0;
		at += i->size;
		if (i->is_end)
			return at;
		if (i->is_break)
			return 0;
	}
	return 0;
}

static int gadget_compare(const void *x, const void *y)
{
	const struct gadget *a = x, *b = y;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->len);
}

void disasm_count_gadgets(struct arena *a, struct disasm *s, const uint8_t *code, size_t len,
			  uint64_t addr, struct gadget_count *ret)
{
	struct decoded *all = arena_array(a, len, sizeof(*all));
	struct gadget *sorted;
	size_t first = ret->len, found;

	for (size_t i = 0; i < len; i++)
		all[i] = decode_for_gadget(s, code + i, len - i);
	for (size_t i = 0; i < len; i++) {
		size_t n = gadget_len(all + i, len - i);

		if (n)
			vec_push(a, ret, (struct gadget){addr + i, code + i, n});
	}
	found = ret->len - first;
	ret->total += found;
	if (!found)
		return;
	sorted = (void *)arena_memdup(a, ret->v + first, found * sizeof(*sorted));
	qsort(sorted, found, sizeof(*sorted), gadget_compare);
	for (size_t i = 0; i < found; i++)
		if (i == 0 || gadget_compare(&sorted[i - 1], &sorted[i]) != 0)
			ret->unique++;
}
