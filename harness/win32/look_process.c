/* SPDX-License-Identifier: MIT */
#include "looks.h"

#include <stdio.h>
#include <string.h>
#include <tlhelp32.h>

#include "alloc.h"
#include "buf.h"
#include "text.h"
#include "wide.h"

#include "banned.h"

/* Processes: who they run as, and who may do what to them. */

static enum gu_rc look_primary(struct w_look *l, const char *name, DWORD id)
{
	HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, id);
	HANDLE token = NULL;
	uint32_t error = 0;
	enum gu_rc rc;

	if (!process) {
		process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE,
				      id);
	}
	if (!process || !OpenProcessToken(process, TOKEN_QUERY, &token)) {
		error = GetLastError();
		token = NULL;
	}
	rc = w_look_token(l, name, token, error);
	if (token) {
		(void)CloseHandle(token);
	}
	if (process) {
		(void)CloseHandle(process);
	}
	return rc;
}

static enum gu_rc look_one(struct w_look *l, const char *name, DWORD id)
{
	HANDLE process = OpenProcess(READ_CONTROL, FALSE, id);
	enum gu_rc rc = w_look_object(l, name, GU_OBJ_process, process,
				      process ? 0 : GetLastError());

	if (process) {
		(void)CloseHandle(process);
	}
	return rc ? rc : look_primary(l, name, id);
}

/* By id or by the program's name. */
static bool is_wanted(const char *root, const char *program, DWORD id)
{
	uint32_t number;

	if (!root) {
		return true;
	}
	if (gu_parse_u32(root, strlen(root), &number)) {
		return number == id;
	}
	return gu_strncasecmp(root, program, strlen(program) + 1) == 0;
}

static enum gu_rc take(struct w_look *l, const char *root,
		       const PROCESSENTRY32W *entry, size_t *taken)
{
	char *program = gu_wide_to_utf8(entry->szExeFile);
	struct gu_buf name = GU_BUF_INIT;
	enum gu_rc rc = GU_RC_OK;

	if (is_wanted(root, program ? program : "?", entry->th32ProcessID)) {
		++*taken;
		gu_buf_addf(&name, "%s (%lu)", program ? program : "?",
			    (unsigned long)entry->th32ProcessID);
		rc = gu_buf_check(&name, l->err);
		if (!rc) {
			rc = look_one(l, name.data, entry->th32ProcessID);
		}
	}
	gu_buf_release(&name);
	gu_free(program);
	return rc;
}

enum gu_rc w_look_processes(struct w_look *l, const char *root)
{
	PROCESSENTRY32W entry = { .dwSize = sizeof(entry) };
	HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
	size_t taken = 0;
	enum gu_rc rc = GU_RC_OK;
	BOOL more;

	if (list == INVALID_HANDLE_VALUE) {
		return gu_err_set(l->err, GU_RC_IO,
				  "the processes cannot be listed: error %lu",
				  GetLastError());
	}
	for (more = Process32FirstW(list, &entry); !rc && more;
	     more = Process32NextW(list, &entry)) {
		rc = take(l, root, &entry, &taken);
	}
	(void)CloseHandle(list);
	if (!rc && root && !taken) {
		rc = gu_err_set(l->err, GU_RC_USAGE,
				"there is no process %s: an id or a program's "
				"name, such as spoolsv.exe",
				root);
	}
	return rc;
}
