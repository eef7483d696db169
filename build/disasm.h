/* SPDX-License-Identifier: BSD-2-Clause */
/* x86-64 disassembly through capstone (only here), reduced to what the verifiers and scans ask. */
#ifndef UKB_DISASM_H
#define UKB_DISASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct diags;

enum insn_kind {
	INSN_OTHER,
	INSN_CALL,          /* direct: target set */
	INSN_CALL_INDIRECT, /* through register or memory */
	INSN_JUMP,          /* direct unconditional: target set */
	INSN_JUMP_COND,     /* target set */
	INSN_JUMP_INDIRECT,
	INSN_RET,
	INSN_TRAP, /* ud1, ud2, int3, hlt, int 0x81 and above */
};

/* What an instruction does to the register that is its first operand, as far as data flow follows it. */
enum insn_effect {
	EFFECT_OTHER,
	EFFECT_COPY,    /* dst = src, all 64 bits */
	EFFECT_ADDRESS, /* dst = mem_base + mem_disp: lea without index */
	EFFECT_ADD,     /* dst += imm, all 64 bits */
	EFFECT_NUMBER,  /* dst = imm, also by xor with itself */
	EFFECT_ALIGN,   /* dst &= imm, all 64 bits */
	EFFECT_COMPARE, /* dst and src are compared */
	EFFECT_POP,     /* dst from the stack */
	EFFECT_LEAVE,   /* %rsp = %rbp, then %rbp from the stack */
};

/* A register by its encoding number (Intel SDM vol. 2, table 2-2: 4 is %rsp, 5 %rbp), or this. */
#define REG_NONE (-1)
enum {
	REG_RAX = 0,
	REG_RCX = 1,
	REG_RDX = 2,
	REG_RBX = 3,
	REG_RSP = 4,
	REG_RBP = 5,
	REG_RSI = 6,
	REG_RDI = 7,
	REG_COUNT = 16,
};

struct insn {
	uint64_t addr;
	uint8_t size;
	enum insn_kind kind;
	uint64_t target;         /* of direct calls and jumps */
	bool reads_fs28;         /* touches %fs:0x28, the stack canary */
	bool is_by_fs;           /* its operand lies fs_disp from %fs: thread-local storage */
	bool touches_stack_page; /* stores an immediate to (%rsp), as stack-clash protection does */
	bool takes_stack_address; /* lea or mov that puts a stack address into another register */
	bool indexes_stack;       /* memory access at %rsp or %rbp plus an index register */
	bool by_rbp;   /* of the two above: through %rbp, which may be no frame pointer */
	bool sets_rbp; /* mov %rsp,%rbp: makes it one */
	bool sets_rsp; /* %rsp takes a value from a register other than %rbp */
	bool is_push;
	bool is_pop;          /* into a register */
	bool has_memory;      /* an operand in memory (lea does not count) */
	bool stores_register; /* mov of a register to memory */
	bool stores_number;   /* mov of a constant, `number`, to memory */
	uint64_t memory;      /* the address that an operand names by itself (%rip or none), or 0 */
	bool is_compare;      /* cmp, sub or xor: sets the flags a check jumps on */
	int64_t number;
	int64_t fs_disp;
	int64_t sub_rsp;    /* bytes taken from %rsp by sub imm, else 0 */
	int64_t stack_disp; /* displacement of the stack operand, if there is one */
	int reg;            /* register of an indirect call/jump (0..15), or -1 */
	enum insn_effect effect;
	int dst, src;       /* of effect */
	int64_t imm;        /* of effect */
	uint16_t writes;    /* general registers that it changes, whole or in part: bit n */
	uint16_t reads;     /* and that its result depends on */
	bool writes_memory; /* through the operand below */
	int mem_base;       /* base register of a memory operand, or REG_NONE */
	bool mem_has_index; /* it has an index register too */
	int mem_index;      /* this one, or REG_NONE; times mem_scale */
	uint8_t mem_scale;
	uint8_t mem_bytes;               /* its size */
	int64_t mem_disp;                /* its displacement */
	const char *mnemonic, *operands; /* valid until the next call */
};

struct disasm;
struct disasm *disasm_open(struct arena *a, struct diags *d);
void disasm_close(struct disasm *s);
/* Decodes one instruction at code; false when the bytes are not one. */
bool disasm_one(struct disasm *s, const uint8_t *code, size_t len, uint64_t addr, struct insn *ret);

/*
 * Privileged or sensitive instructions found at every byte offset of executable bytes. Those of one
 * byte (in, out, hlt) are reported only where they are aligned: as bytes they are everywhere.
 */
struct priv_hit {
	uint64_t addr;
	const char *name; /* "mov-cr", "wrmsr", "lgdt" ... */
	bool aligned;     /* starts where a linear disassembly of the bytes has an instruction */
};
struct priv_hits {
	struct priv_hit *v;
	size_t len, cap;
};
void disasm_scan_privileged(struct arena *a, struct disasm *s, const uint8_t *code, size_t len,
			    uint64_t addr, struct priv_hits *ret);

/* Up to 5 instructions and 20 bytes that end in ret or indirect jump/call. */
struct gadget {
	uint64_t addr;
	const uint8_t *bytes; /* in the code that was searched */
	size_t len;
};
struct gadget_count {
	size_t total, unique; /* unique: by their bytes */
	struct gadget *v;     /* all of them, in address order */
	size_t len, cap;
};
void disasm_count_gadgets(struct arena *a, struct disasm *s, const uint8_t *code, size_t len,
			  uint64_t addr, struct gadget_count *ret);

#endif
