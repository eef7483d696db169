/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ukbuild-scan: parses C sources with libclang (used only here) and says where each external function
 * or variable is used and how main is declared. A program of its own, because libclang takes longer to
 * load than all of ukbuild.
 *
 * Interface: standard input is [{"path", "flags": [...]}], standard output for each of them
 * {"path", "files": [all files read], "uses": [{"symbol", "path", "line", "col", "header"}],
 *  "main": {"proto", "path", "line", "col"} or null, "error": text or null}.
 */
#include <clang-c/Index.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* Uses of one source that are reported; a place for each symbol is what matters. */
#define USES_MAX 20000

struct visit {
	json_t *uses;
	json_t *main; /* NULL = not seen */
};

static json_t *take_string(CXString s)
{
	const char *text = clang_getCString(s);
	json_t *j = json_string(text ? text : "");

	clang_disposeString(s);
	return j ? j : json_string("(not UTF-8)");
}

/* Adds "path", "line", "col" of a place: where a macro was used, not where it was defined. */
static void put_place(json_t *o, CXSourceLocation place)
{
	CXFile file;
	unsigned line, col;

	clang_getFileLocation(place, &file, &line, &col, NULL);
	json_object_set_new(o, "path", take_string(clang_getFileName(file)));
	json_object_set_new(o, "line", json_integer(line));
	json_object_set_new(o, "col", json_integer(col));
}

/* A function or variable with external linkage that this source does not define. */
static bool is_external(CXCursor c)
{
	enum CXCursorKind kind = clang_getCursorKind(c);

	if (kind != CXCursor_FunctionDecl && kind != CXCursor_VarDecl)
		return false;
	return clang_getCursorLinkage(c) == CXLinkage_External &&
	       clang_Cursor_isNull(clang_getCursorDefinition(c));
}

static void add_use(struct visit *v, CXCursor at, CXCursor what)
{
	CXFile file;
	json_t *o;

	if (json_array_size(v->uses) >= USES_MAX)
		return;
	o = json_object();
	json_object_set_new(o, "symbol", take_string(clang_getCursorSpelling(what)));
	put_place(o, clang_getCursorLocation(at));
	clang_getFileLocation(clang_getCursorLocation(what), &file, NULL, NULL, NULL);
	json_object_set_new(o, "header", take_string(clang_getFileName(file)));
	json_array_append_new(v->uses, o);
}

static void see_main(struct visit *v, CXCursor c)
{
	CXString name = clang_getCursorSpelling(c);

	if (!strcmp(clang_getCString(name), "main") && clang_isCursorDefinition(c)) {
		json_decref(v->main);
		v->main = json_object();
		json_object_set_new(v->main, "proto",
				    take_string(clang_getTypeSpelling(
					    clang_getCanonicalType(clang_getCursorType(c)))));
		put_place(v->main, clang_getCursorLocation(c));
	}
	clang_disposeString(name);
}

static enum CXChildVisitResult visit(CXCursor c, CXCursor parent, CXClientData data)
{
	struct visit *v = data;
	CXCursor what;

	(void)parent;
	/* What the C library's headers do inside is not the application's use. */
	if (clang_Location_isInSystemHeader(clang_getCursorLocation(c)))
		return CXChildVisit_Continue;
	if (clang_getCursorKind(c) == CXCursor_FunctionDecl)
		see_main(v, c);
	if (clang_getCursorKind(c) == CXCursor_DeclRefExpr) {
		what = clang_getCursorReferenced(c);
		if (is_external(what))
			add_use(v, c, what);
	}
	return CXChildVisit_Recurse;
}

static void add_file(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
	(void)stack;
	(void)depth;
	json_array_append_new(data, take_string(clang_getFileName(file)));
}

/* The first error that stopped the parse, or null. */
static json_t *first_error(CXTranslationUnit unit)
{
	for (unsigned i = 0; i < clang_getNumDiagnostics(unit); i++) {
		CXDiagnostic d = clang_getDiagnostic(unit, i);
		json_t *text = NULL;

		if (clang_getDiagnosticSeverity(d) >= CXDiagnostic_Error)
			text = take_string(
				clang_formatDiagnostic(d, CXDiagnostic_DisplaySourceLocation |
								  CXDiagnostic_DisplayColumn));
		clang_disposeDiagnostic(d);
		if (text)
			return text;
	}
	return json_null();
}

static json_t *scan_one(CXIndex index, const json_t *source)
{
	const char *path = json_string_value(json_object_get(source, "path"));
	const json_t *flags = json_object_get(source, "flags");
	size_t len = json_array_size(flags);
	const char **argv = calloc(len + 2, sizeof(*argv));
	struct visit v = {json_array(), NULL};
	json_t *o = json_object(), *files = json_array();
	CXTranslationUnit unit = NULL;

	if (!path || !argv) {
		fprintf(stderr, "ukbuild-scan: a source without a path\n");
		exit(3);
	}
	for (size_t i = 0; i < len; i++) {
		const char *s = json_string_value(json_array_get(flags, i));

		argv[i] = s ? s : "";
	}
	/* The headers of the version we are linked with, whatever compiler the build uses. */
	argv[len++] = "-resource-dir";
	argv[len++] = LIBCLANG_RESOURCES;
	json_object_set_new(o, "path", json_string(path));
	if (clang_parseTranslationUnit2(index, path, argv, (int)len, NULL, 0,
					CXTranslationUnit_None, &unit) != CXError_Success) {
		json_object_set_new(o, "error", json_string("libclang cannot parse it"));
	} else {
		json_object_set_new(o, "error", first_error(unit));
		clang_visitChildren(clang_getTranslationUnitCursor(unit), visit, &v);
		clang_getInclusions(unit, add_file, files);
		clang_disposeTranslationUnit(unit);
	}
	json_object_set_new(o, "files", files);
	json_object_set_new(o, "uses", v.uses);
	json_object_set_new(o, "main", v.main ? v.main : json_null());
	free(argv);
	return o;
}

int main(void)
{
	json_error_t error;
	json_t *in = json_loadf(stdin, 0, &error), *out = json_array(), *source;
	CXIndex index;
	size_t i;

	if (!json_is_array(in)) {
		fprintf(stderr, "ukbuild-scan: standard input is not a list of sources: %s\n",
			error.text);
		return 3;
	}
	index = clang_createIndex(0, 0);
	json_array_foreach(in, i, source) json_array_append_new(out, scan_one(index, source));
	clang_disposeIndex(index);
	if (json_dumpf(out, stdout, 0) || fflush(stdout)) {
		fprintf(stderr, "ukbuild-scan: cannot write the answer\n");
		return 3;
	}
	json_decref(out);
	json_decref(in);
	return 0;
}
