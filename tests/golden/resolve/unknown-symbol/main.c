/* SPDX-License-Identifier: BSD-2-Clause */
int uk_helo(const char *name);

int main(void)
{
	return uk_helo("x");
}
