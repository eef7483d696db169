/* SPDX-License-Identifier: BSD-2-Clause */
int uk_hello(const char *name);

int main(void)
{
	return uk_hello("x");
}
