/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells launchers which device the image drives: platforms/kvm/host.c, NOTE_DEVICE. */
	.section .note.ukbuild, "a", @note
	.balign 4
	.long 8
	.long 4
	.long 0x44455649 /* "DEVI" */
	.asciz "ukbuild"
	.long 4 /* device type: Virtio 1.1, 5.4 */
	.section .note.GNU-stack, "", @progbits
