/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The libraries that scripts see: the standard ones, and `ticks`. Takes the place of Lua's linit.c, which
 * says: "If you need a different set of libraries, copy this file to your project and edit it".
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <x86intrin.h>

/* os.execute(): ISO C 7.22.4.8 has an answer for systems without a command processor, and here is none. */
int system(const char *command)
{
	return command ? -1 : 0;
}

/* ticks(): the time stamp counter, which is the number of instructions under QEMU's -icount shift=0. */
static int ticks(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)__rdtsc());
	return 1;
}

static const luaL_Reg libraries[] = {
	{LUA_GNAME, luaopen_base},          {LUA_LOADLIBNAME, luaopen_package},
	{LUA_COLIBNAME, luaopen_coroutine}, {LUA_TABLIBNAME, luaopen_table},
	{LUA_IOLIBNAME, luaopen_io},        {LUA_OSLIBNAME, luaopen_os},
	{LUA_STRLIBNAME, luaopen_string},   {LUA_MATHLIBNAME, luaopen_math},
	{LUA_UTF8LIBNAME, luaopen_utf8},    {LUA_DBLIBNAME, luaopen_debug},
};

LUALIB_API void luaL_openlibs(lua_State *L)
{
	for (unsigned i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
		lua_pop(L, 1);
	}
	lua_register(L, "ticks", ticks);
}
