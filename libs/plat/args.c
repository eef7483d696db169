/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: options of ours, and the words that become arguments of main. */
#include <uk/init.h>
#include <uk/platform.h>
#include <uk/x86.h>

#include <uk/boot.h>

enum {
	CMDLINE_MAX = 2048,
	MAIN_STACK_BYTES = CONFIG_PLAT_STACK_KIB * 1024,
	STACK_ALIGN = 16,
};

static char cmdline[CMDLINE_MAX];

/* The word after `key` when `s` starts with it, else NULL. */
static const char *value_of(const char *s, const char *key)
{
	while (*key)
		if (*s++ != *key++)
			return NULL;
	return s;
}

static void read_option(const char *word, const char *end)
{
	struct uk_options *o = &uk_options;
	const char *v = value_of(word, "ukbuild.nonce=");
	size_t i = 0;

	if (v) {
		while (v < end && i < sizeof(o->nonce) - 1)
			o->nonce[i++] = *v++;
		return;
	}
	if (CONFIG_NEEDS_VIRTIO) {
		v = value_of(word, "virtio_mmio.device=");
		if (v)
			uk_virtio_boot_option(v);
	}
	v = value_of(word, "ukbuild.trace=");
	if (v && *v == '1')
		o->is_trace = true;
	v = value_of(word, "ukbuild.stats=");
	if (v && *v == '1')
		o->is_stats = true;
}

/* Options of ours up to the word "--", the guest's words after it. */
static char *read_cmdline(char *s)
{
	for (;;) {
		char *word;

		while (*s == ' ')
			s++;
		if (!*s)
			return s;
		word = s;
		while (*s && *s != ' ')
			s++;
		if (s - word == 2 && word[0] == '-' && word[1] == '-')
			return s;
		read_option(word, s);
	}
}

void uk_boot_cmdline(struct uk_boot *b, const char *line)
{
	size_t len = 0;

	b->guest_args = cmdline;
	if (!line)
		return;
	while (len < CMDLINE_MAX - 1 && line[len])
		len++;
	/* Words that are lost in silence would be worse. */
	if (line[len])
		uk_trap("arguments");
	copy_bytes(cmdline, line, len);
	b->guest_args = read_cmdline(cmdline);
}

static size_t string_len(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}

/*
 * Cuts the guest's part of the command line at blanks, "double quotes" keep them, and packs the words in
 * place, each with its zero. Returns their number; *ret_end is behind the last one.
 */
static int split(char *s, char **ret_end)
{
	char *to = s;
	int count = 0;

	for (;;) {
		bool is_quoted = false;

		while (*s == ' ')
			s++;
		if (!*s)
			break;
		for (; *s && (is_quoted || *s != ' '); s++) {
			if (*s == '"')
				is_quoted = !is_quoted;
			else
				*to++ = *s;
		}
		/* The zero may land on the blank just read: step over that first. */
		if (*s)
			s++;
		*to++ = '\0';
		count++;
	}
	*ret_end = to;
	return count;
}

/* Copies `count` strings that follow each other from `s` and enters their final addresses. */
static char *place_strings(char *to, const char *s, size_t count, char **vector, uintptr_t slide)
{
	for (size_t i = 0; i < count; i++) {
		size_t bytes = string_len(s) + 1;

		copy_bytes(to, s, bytes);
		vector[i] = (char *)((uintptr_t)to + slide);
		to += bytes;
		s += bytes;
	}
	return to;
}

static size_t vector_len(const char *const *v, size_t *ret_bytes)
{
	size_t len = 0;

	for (; v[len]; len++)
		*ret_bytes += string_len(v[len]) + 1;
	return len;
}

/*
 * Strings, then argv, NULL, envp, NULL and an empty auxiliary vector at the top of the main stack
 * (System V ABI 3.4.1).
 */
void uk_boot_args(const struct uk_boot *b, uintptr_t physical, uintptr_t slide, size_t free_bytes,
		  struct uk_args *ret)
{
	uintptr_t top = physical + MAIN_STACK_BYTES - free_bytes;
	char *words = b->guest_args, *words_end, *to, **vector;
	size_t guest = (size_t)split(words, &words_end), bytes = (size_t)(words_end - words);
	size_t baked = vector_len(uk_app_argv, &bytes), env = vector_len(uk_app_envp, &bytes);
	size_t slots = baked + guest + 1 + env + 1 + 2; /* the pair is AT_NULL */

	if (bytes + slots * sizeof(char *) > MAIN_STACK_BYTES / 2)
		uk_trap("arguments");
	to = (char *)(top - bytes);
	vector =
		(char **)(((uintptr_t)to - slots * sizeof(char *)) & ~(uintptr_t)(STACK_ALIGN - 1));
	fill_words(vector, 0, slots);
	ret->argc = (int)(baked + guest);
	ret->argv = (char **)((uintptr_t)vector + slide);
	ret->envp = ret->argv + ret->argc + 1;
	ret->sp = (uintptr_t)ret->argv;
	for (size_t i = 0; i < baked; i++)
		to = place_strings(to, uk_app_argv[i], 1, vector++, slide);
	to = place_strings(to, words, guest, vector, slide);
	vector += guest + 1;
	for (size_t i = 0; i < env; i++)
		to = place_strings(to, uk_app_envp[i], 1, vector++, slide);
	if (uk_options.is_stats) {
		uintptr_t below = (ret->sp - slide) - physical;

		fill_words((void *)physical, UK_STACK_PAINT, below / sizeof(uint64_t));
	}
}
