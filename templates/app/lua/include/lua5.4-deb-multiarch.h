/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which folder the distribution's patch of luaconf.h searches for modules in C: debian/rules makes this
 * file when the package is built. An image loads none.
 */
#define DEB_HOST_MULTIARCH "x86_64-linux-gnu"
