/* SPDX-License-Identifier: BSD-2-Clause */
/* attack: OVERFLOWED_LENGTH */
/* adversary: A1 */
/*
 * Two numbers of a message are multiplied to a length, which is compared with the room there is. Their product
 * overflows to a small one, and the copy runs past the buffer.
 */
#include "attack.h"

#define ROOM 16
#define ITEM 4

static struct {
	volatile unsigned char bytes[ROOM];
	volatile unsigned char is_admin;
} session;

/* 0 = taken, -1 = refused. */
static __attribute__((noinline)) int victim(int items, int item_bytes, const unsigned char *from,
					    int sent)
{
	volatile unsigned char *to = attack_launder((const void *)(uintptr_t)session.bytes);
	int bytes = items * item_bytes;

	if (items < 0 || item_bytes < 0 || bytes > ROOM)
		return -1;
	/* A reader that counts items: as many as were announced, or as were sent. */
	for (int i = 0; i < items && i < sent; i++)
		to[i] = from[i];
	return 0;
}

int main(void)
{
	static const unsigned char message[ROOM + 1] = {[ROOM] = 1};
	/* The product is 2^36, of which an int keeps 0. */
	volatile int few = ROOM / ITEM, many = 0x40, item_bytes = ITEM, large = 0x40000000;

	if (victim(few, item_bytes, message, few) != 0 ||
	    victim(ROOM, item_bytes, message, ROOM) != -1)
		return 1;
	attack_control_ok();
	if (victim(many, large, message, ROOM + 1) == 0 && session.is_admin)
		attack_succeeded();
	return 0;
}
