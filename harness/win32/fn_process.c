/* SPDX-License-Identifier: MIT */
#include "open.h"
#include "spawn.h"

#include "banned.h"

/* Processes and threads. */

/* Both functions open by the id of what a handle is to. */
static void open_by_id(struct w_run *x, DWORD id, enum gu_objtype type)
{
	HANDLE(WINAPI * fn)(DWORD, BOOL, DWORD) = (void *)x->proc;
	uint32_t access = w_uint(x, 0, 0);

	w_answer_handle(x, fn(access, FALSE, id), type);
	x->out->asked = access;
	x->out->checked = w_is_decision(x->out->status.code);
}

void w_fn_OpenProcess(struct w_run *x)
{
	open_by_id(x, GetProcessId(w_handle(x, 1)), GU_OBJ_process);
}

void w_fn_OpenThread(struct w_run *x)
{
	open_by_id(x, GetThreadId(w_handle(x, 1)), GU_OBJ_thread);
}

/* The conductor adds the number that the new thread will have. Its handle
 * goes back as a number, since what the script holds is the thread. */
void w_fn_CreateThread(struct w_run *x)
{
	struct gu_err err = GU_ERR_INIT;
	struct w_exec_thread *made;

	if (w_exec_thread(x->thread->exec, w_uint(x, 1, 0), &made, &err)) {
		w_answer_bool(x, FALSE);
		return;
	}
	w_answer_code(x, ERROR_SUCCESS);
	x->out->type = GU_OBJ_thread;
	x->out->granted = gu_objtype_row(GU_OBJ_thread)->map.all;
	w_set_uint(x, (uint64_t)(UINT_PTR)made->handle);
}

/* The conductor adds the child's ends of its pipes. */
static void spawn(struct w_run *x, HANDLE token, size_t ends)
{
	PROCESS_INFORMATION made;
	HANDLE in = w_handle(x, ends);
	HANDLE out = w_handle(x, ends + 1);
	bool ok = w_spawn(token, in, out, &made);
	DWORD last = GetLastError();

	SetLastError(last);
	w_answer_bool(x, ok);
	(void)CloseHandle(in);
	(void)CloseHandle(out);
	if (!ok) {
		return;
	}
	(void)CloseHandle(made.hThread);
	x->out->type = GU_OBJ_process;
	x->out->granted = gu_objtype_row(GU_OBJ_process)->map.all;
	w_set_uint(x, (uint64_t)(UINT_PTR)made.hProcess);
}

void w_fn_CreateProcess(struct w_run *x)
{
	spawn(x, NULL, 1);
}

void w_fn_CreateProcessAsUser(struct w_run *x)
{
	spawn(x, w_handle(x, 0), 2);
}
