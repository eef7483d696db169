/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system call that nothing implements is found when the image is built.
 * refused: socket
 */
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
	printf("%d\n", socket(AF_INET, SOCK_STREAM, 0));
	return 0;
}
