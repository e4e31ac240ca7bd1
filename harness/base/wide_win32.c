/* SPDX-License-Identifier: MIT */
#include "wide.h"

#include <windows.h>

#include "alloc.h"
#include "banned.h"

wchar_t *gu_wide_from_utf8(const char *s)
{
	int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, s, -1, NULL,
				    0);
	wchar_t *wide = n > 0 ? gu_calloc((size_t)n, sizeof(*wide)) : NULL;

	if (wide) {
		MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, s, -1, wide,
				    n);
	}
	return wide;
}

/* Lone surrogates, which file names may hold, become U+FFFD. */
char *gu_wide_to_utf8(const wchar_t *s)
{
	int n = WideCharToMultiByte(CP_UTF8, 0, s, -1, NULL, 0, NULL, NULL);
	char *text = n > 0 ? gu_calloc((size_t)n, 1) : NULL;

	if (text) {
		WideCharToMultiByte(CP_UTF8, 0, s, -1, text, n, NULL, NULL);
	}
	return text;
}

/* A folder's limit is shorter than a file's: room for an 8.3 name is kept
 * below it. */
enum { SHORT_ENOUGH = MAX_PATH - 13 };

static wchar_t *add_prefix(const wchar_t *path)
{
	static const wchar_t drive[] = L"\\\\?\\";
	static const wchar_t share[] = L"\\\\?\\UNC\\";
	bool unc = path[0] == L'\\' && path[1] == L'\\';
	const wchar_t *prefix = unc ? share : drive;
	size_t at = wcslen(prefix);
	const wchar_t *rest = unc ? path + 2 : path;
	wchar_t *out = gu_calloc(at + wcslen(rest) + 1, sizeof(*out));

	if (out) {
		memcpy(out, prefix, at * sizeof(*out));
		memcpy(out + at, rest, wcslen(rest) * sizeof(*out));
	}
	return out;
}

static bool has_prefix(const wchar_t *path)
{
	return wcsncmp(path, L"\\\\?\\", 4) == 0 ||
	       wcsncmp(path, L"\\\\.\\", 4) == 0;
}

/* GetFullPathName also turns slashes and resolves dots. */
static wchar_t *lengthen(const wchar_t *path)
{
	DWORD n = GetFullPathNameW(path, 0, NULL, NULL);
	wchar_t *full = n ? gu_calloc(n, sizeof(*full)) : NULL;
	wchar_t *out = NULL;

	if (full && GetFullPathNameW(path, n, full, NULL) < n) {
		out = has_prefix(full) ? full : add_prefix(full);
	}
	if (out != full) {
		gu_free(full);
	}
	return out;
}

wchar_t *gu_wide_path(const char *path)
{
	wchar_t *wide = gu_wide_from_utf8(path);
	DWORD full = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
	wchar_t *out;

	if (full < SHORT_ENOUGH || has_prefix(wide)) {
		return wide;
	}
	out = lengthen(wide);
	gu_free(wide);
	return out;
}
