/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the headers beside this one share: each stands in front of the C library's of the same name and adds
 * checked forms of its functions. Two ways, both of clang: a function that the compiler knows is replaced by
 * an inline one of the same name, which calls the builtin with a size; any other is overloaded by one whose
 * parameter brings the size along (Clang documentation, "pass_dynamic_object_size"). Where nothing is known
 * of the destination, what is left is the plain call.
 */
#ifndef UK_FORTIFY_H
#define UK_FORTIFY_H

#define UK_FORTIFY_KNOWN \
	extern __inline__ __attribute__((__always_inline__, __gnu_inline__, __artificial__))
#define UK_FORTIFY_OVERLOAD \
	static __inline__ __attribute__((__always_inline__, __overloadable__, __artificial__))
/* Functions with variable arguments cannot be inlined. */
#define UK_FORTIFY_VARIADIC static __inline__ __attribute__((__overloadable__, __unused__))

/* To the end of the object, and to the end of the member: what strings must stay in. */
#define UK_FORTIFY_SIZE(p) __builtin_dynamic_object_size(p, 0)
#define UK_FORTIFY_MEMBER(p) __builtin_dynamic_object_size(p, 1)
#define UK_FORTIFY_SIZED __attribute__((__pass_dynamic_object_size__(0)))
#define UK_FORTIFY_SIZED_MEMBER __attribute__((__pass_dynamic_object_size__(1)))

/* No check is needed, or none is possible. */
#define UK_FORTIFY_FITS(n, size) \
	((size) == (__SIZE_TYPE__) - 1 || (__builtin_constant_p((n) <= (size)) && (n) <= (size)))

#endif
