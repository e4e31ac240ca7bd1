/* SPDX-License-Identifier: MIT */
#include "remains.h"

#include <winsock2.h>
#include <windows.h>

#include <stdio.h>
#include <wchar.h>

#include "alloc.h"
#include "arena.h"
#include "exec.h"
#include "open.h"
#include "win32.h"

#include "banned.h"

#define PATH_MOST 32768

/* This process's journal; nobody else may write to it while it is open. */
static HANDLE journal = INVALID_HANDLE_VALUE;
static struct gu_buf noted = { .data = gu_buf_empty };

/* Everything below a folder, and the folder; links are removed, not
 * followed. */
static bool remove_tree(struct gu_arena *arena, const wchar_t *path)
{
	WIN32_FIND_DATAW found;
	size_t room = wcslen(path) + MAX_PATH + 2;
	wchar_t *child = gu_arena_alloc(arena, room * sizeof(*child));
	HANDLE search;

	if (!child) {
		return false;
	}
	(void)_snwprintf(child, room, L"%ls\\*", path);
	search = FindFirstFileW(child, &found);
	while (search != INVALID_HANDLE_VALUE) {
		const wchar_t *name = found.cFileName;
		DWORD kind =
			found.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY |
						  FILE_ATTRIBUTE_REPARSE_POINT);

		(void)_snwprintf(child, room, L"%ls\\%ls", path, name);
		if (wcscmp(name, L".") != 0 && wcscmp(name, L"..") != 0) {
			if (kind == FILE_ATTRIBUTE_DIRECTORY) {
				(void)remove_tree(arena, child);
			} else if (kind & FILE_ATTRIBUTE_DIRECTORY) {
				(void)RemoveDirectoryW(child);
			} else {
				(void)DeleteFileW(child);
			}
		}
		if (!FindNextFileW(search, &found)) {
			(void)FindClose(search);
			break;
		}
	}
	return RemoveDirectoryW(path) ||
	       GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES;
}

static bool remove_key(const wchar_t *name)
{
	const wchar_t *rest;
	HKEY root = w_key_root(name, &rest);
	LSTATUS error = root ? RegDeleteTreeW(root, rest) : ERROR_SUCCESS;

	return error == ERROR_SUCCESS || error == ERROR_FILE_NOT_FOUND;
}

static bool remove_service(const wchar_t *name)
{
	SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
	SC_HANDLE s = manager ? OpenServiceW(manager, name, DELETE) : NULL;
	bool gone = s ? DeleteService(s)
		      : GetLastError() == ERROR_SERVICE_DOES_NOT_EXIST;

	if (s) {
		(void)CloseServiceHandle(s);
	}
	if (manager) {
		(void)CloseServiceHandle(manager);
	}
	return gone;
}

static bool remove_one(enum w_journal_kind kind, const char *name)
{
	struct gu_arena arena = GU_ARENA_INIT;
	const wchar_t *wide = w_widen(&arena, name);
	bool gone = false;

	switch (wide ? kind : W_JOURNAL_KIND_COUNT) {
	case W_JOURNAL_FOLDER:
		gone = remove_tree(&arena, wide);
		break;
	case W_JOURNAL_KEY:
		gone = remove_key(wide);
		break;
	case W_JOURNAL_SERVICE:
		gone = remove_service(wide);
		break;
	case W_JOURNAL_KIND_COUNT:
		break;
	}
	gu_arena_release(&arena);
	return gone;
}

/* Removes what a journal names; appends what is left to `left_over`, and a
 * line for each to `out`, where that is wanted. How many are left. */
static size_t remove_all(const struct gu_buf *text, struct gu_buf *left_over,
			 struct gu_buf *out)
{
	enum w_journal_kind kind;
	const char *name;
	size_t at = 0, len, left = 0;

	while (w_journal_next(text->data, text->len, &at, &kind, &name, &len)) {
		char *copy = gu_strndup(name, len);
		bool gone = copy && remove_one(kind, copy);

		if (!gone && copy) {
			left += w_journal_line(left_over, kind, copy);
		}
		if (out) {
			gu_buf_addf(out, "%s %s %.*s\n",
				    gone ? "removed" : "left",
				    w_journal_kind_name(kind), (int)len, name);
		}
		gu_free(copy);
	}
	return left;
}

/* The folder of the journals, made when it is not there. */
static bool journal_folder(wchar_t *out)
{
	DWORD n = GetEnvironmentVariableW(L"LOCALAPPDATA", out, PATH_MOST / 2);

	if (!n || n >= PATH_MOST / 2) {
		n = GetTempPathW(PATH_MOST / 2, out);
	}
	if (!n || n >= PATH_MOST / 2) {
		return false;
	}
	(void)_snwprintf(out + n, PATH_MOST - n, L"\\guise");
	(void)CreateDirectoryW(out, NULL);
	(void)_snwprintf(out + wcslen(out), PATH_MOST - wcslen(out),
			 L"\\journal");
	return CreateDirectoryW(out, NULL) ||
	       GetLastError() == ERROR_ALREADY_EXISTS;
}

static bool read_whole(HANDLE file, struct gu_buf *out)
{
	char chunk[4096];
	DWORD got = 0;

	while (ReadFile(file, chunk, sizeof(chunk), &got, NULL) && got) {
		gu_buf_add(out, chunk, got);
	}
	return !out->oom;
}

static void rewrite(HANDLE file, const struct gu_buf *text)
{
	DWORD put;

	(void)SetFilePointer(file, 0, NULL, FILE_BEGIN);
	(void)SetEndOfFile(file);
	(void)WriteFile(file, text->data, (DWORD)text->len, &put, NULL);
	(void)FlushFileBuffers(file);
}

/* One journal. That it cannot be opened means that its run is alive. */
static size_t replay_file(const wchar_t *path, struct gu_buf *out)
{
	struct gu_buf text = GU_BUF_INIT;
	struct gu_buf left_over = GU_BUF_INIT;
	HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL,
				  OPEN_EXISTING, 0, NULL);
	size_t left = 0;

	if (file == INVALID_HANDLE_VALUE) {
		return 0;
	}
	if (read_whole(file, &text)) {
		left = remove_all(&text, &left_over, out);
		rewrite(file, &left_over);
	}
	(void)CloseHandle(file);
	if (!left && !text.oom) {
		(void)DeleteFileW(path);
	}
	gu_buf_release(&text);
	gu_buf_release(&left_over);
	return left;
}

static enum gu_rc no_folder(struct gu_err *err)
{
	return gu_err_set(err, GU_RC_IO,
			  "there is no folder for the journal of what is made "
			  "on this machine: error %lu",
			  GetLastError());
}

enum gu_rc
w_remains_replay(struct gu_buf *out, size_t *left, struct gu_err *err)
{
	wchar_t *path = gu_calloc(PATH_MOST, sizeof(*path));
	WIN32_FIND_DATAW found;
	HANDLE search;
	size_t folder;

	*left = 0;
	if (!path) {
		return gu_err_nomem(err);
	}
	if (!journal_folder(path)) {
		gu_free(path);
		return no_folder(err);
	}
	folder = wcslen(path);
	(void)_snwprintf(path + folder, PATH_MOST - folder, L"\\*.txt");
	search = FindFirstFileW(path, &found);
	while (search != INVALID_HANDLE_VALUE) {
		(void)_snwprintf(path + folder, PATH_MOST - folder, L"\\%ls",
				 found.cFileName);
		*left += replay_file(path, out);
		if (!FindNextFileW(search, &found)) {
			(void)FindClose(search);
			break;
		}
	}
	gu_free(path);
	return GU_RC_OK;
}

enum gu_rc gu_win32_clean(struct gu_buf *out, size_t *left, struct gu_err *err)
{
	return w_remains_replay(out, left, err);
}

/* Gone with the process that needs it no more. */
static void close_journal(void)
{
	wchar_t path[MAX_PATH * 4];
	DWORD n = GetFinalPathNameByHandleW(journal, path, MAX_PATH * 4, 0);

	(void)CloseHandle(journal);
	if (n && n < MAX_PATH * 4 && !noted.len) {
		(void)DeleteFileW(path);
	}
}

static enum gu_rc open_journal(struct gu_err *err)
{
	wchar_t *path = gu_calloc(PATH_MOST, sizeof(*path));
	size_t left, n;
	enum gu_rc rc = w_remains_replay(NULL, &left, err);

	if (rc || !path) {
		gu_free(path);
		return rc ? rc : gu_err_nomem(err);
	}
	if (!journal_folder(path)) {
		gu_free(path);
		return no_folder(err);
	}
	n = wcslen(path);
	(void)_snwprintf(path + n, PATH_MOST - n, L"\\%lu-%llu.txt",
			 GetCurrentProcessId(),
			 (unsigned long long)GetTickCount64());
	journal = CreateFileW(path, GENERIC_READ | GENERIC_WRITE,
			      FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
	gu_free(path);
	if (journal == INVALID_HANDLE_VALUE) {
		return no_folder(err);
	}
	(void)atexit(close_journal);
	return GU_RC_OK;
}

enum gu_rc
w_remains_note(enum w_journal_kind kind, const char *name, struct gu_err *err)
{
	size_t before = noted.len;
	DWORD put = 0;
	enum gu_rc rc = GU_RC_OK;

	if (journal == INVALID_HANDLE_VALUE) {
		rc = open_journal(err);
	}
	if (rc) {
		return rc;
	}
	if (!w_journal_line(&noted, kind, name) || noted.oom) {
		return gu_err_set(err, GU_RC_USAGE,
				  "\"%s\" cannot be written down", name);
	}
	if (!WriteFile(journal, noted.data + before,
		       (DWORD)(noted.len - before), &put, NULL) ||
	    !FlushFileBuffers(journal)) {
		return gu_err_set(err, GU_RC_IO,
				  "the journal cannot be written: error %lu",
				  GetLastError());
	}
	return GU_RC_OK;
}

void w_remains_remove(void)
{
	struct gu_buf left_over = GU_BUF_INIT;

	if (!noted.len) {
		return;
	}
	(void)remove_all(&noted, &left_over, NULL);
	rewrite(journal, &left_over);
	gu_buf_release(&noted);
	noted = left_over;
}
