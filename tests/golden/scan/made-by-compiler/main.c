/* SPDX-License-Identifier: BSD-2-Clause */
int printf(const char *format, ...);

struct big {
	char bytes[4096];
} from, to;

int main(int argc, char **argv)
{
	to = from;
	return printf("text\n") + (argc == (int)argv[0][0]);
}
