/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_LOOKS_H
#define GU_WIN32_LOOKS_H

#include <winsock2.h>
#include <windows.h>

#include "arena.h"
#include "look.h"

/* What the looks share (looks.c). Conductor thread, as guise itself. */
struct w_look {
	gu_found_fn fn;
	void *arg;
	struct gu_err *err;
	struct gu_arena arena; /* for one thing */
};

/* Hands on what `h` is protected by, or why it could not be opened. */
GU_MUST_CHECK enum gu_rc w_look_object(struct w_look *l, const char *name,
				       enum gu_objtype type, HANDLE h,
				       uint32_t error);
/* The same of a token. */
GU_MUST_CHECK enum gu_rc
w_look_token(struct w_look *l, const char *name, HANDLE token, uint32_t error);

/* Names of what is yet to be looked at: a stack. */
struct w_todo {
	char **list;
	size_t count;
	size_t cap;
};
/* "PARENT\\CHILD", or PARENT where there is no child. A name that is no text
 * has U+FFFD in its place. */
GU_MUST_CHECK enum gu_rc w_todo_push(struct w_todo *todo, const char *parent,
				     const wchar_t *child, struct gu_err *err);
char *w_todo_pop(struct w_todo *todo); /* new, or NULL */
/* Puts what was pushed since there were `from` in an order in which they come
 * off sorted. */
void w_todo_sort(struct w_todo *todo, size_t from);
void w_todo_release(struct w_todo *todo);

/* One for each kind. */
enum gu_rc w_look_files(struct w_look *l, const char *root);
enum gu_rc w_look_keys(struct w_look *l, const char *root);
enum gu_rc w_look_services(struct w_look *l);
enum gu_rc w_look_pipes(struct w_look *l);
enum gu_rc w_look_kernel(struct w_look *l, const char *root);
enum gu_rc w_look_processes(struct w_look *l, const char *root);

#endif
