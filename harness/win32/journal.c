/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <string.h>

#include "banned.h"

static const char *const kinds[W_JOURNAL_KIND_COUNT] = {
	[W_JOURNAL_FOLDER] = "folder",
	[W_JOURNAL_KEY] = "key",
	[W_JOURNAL_SERVICE] = "service",
};

const char *w_journal_kind_name(enum w_journal_kind kind)
{
	return kinds[kind];
}

bool w_journal_line(struct gu_buf *out, enum w_journal_kind kind,
		    const char *name)
{
	for (const char *p = name; *p; p++) {
		if ((unsigned char)*p < ' ') {
			return false;
		}
	}
	gu_buf_addf(out, "%s\t%s\n", kinds[kind], name);
	return *name != '\0';
}

static bool is_ours(const char *name, size_t len)
{
	static const char mark[] = "guise-";
	const size_t n = sizeof(mark) - 1;
	size_t last = len;

	while (last > 0 && name[last - 1] != '\\') {
		last--;
	}
	return len - last > n && memcmp(name + last, mark, n) == 0;
}

/* One whole line, without its end. */
static bool read_line(const char *line, size_t n, enum w_journal_kind *kind,
		      const char **name, size_t *len)
{
	const char *tab = memchr(line, '\t', n);
	size_t word = tab ? (size_t)(tab - line) : 0;

	for (int k = 0; k < W_JOURNAL_KIND_COUNT; k++) {
		if (word == strlen(kinds[k]) &&
		    memcmp(line, kinds[k], word) == 0) {
			*kind = (enum w_journal_kind)k;
			*name = tab + 1;
			*len = n - word - 1;
			return is_ours(*name, *len);
		}
	}
	return false;
}

bool w_journal_next(const char *text, size_t n, size_t *at,
		    enum w_journal_kind *kind, const char **name, size_t *len)
{
	while (*at < n) {
		const char *line = text + *at;
		const char *end = memchr(line, '\n', n - *at);

		if (!end) {
			*at = n;
			return false;
		}
		*at += (size_t)(end - line) + 1;
		if (read_line(line, (size_t)(end - line), kind, name, len)) {
			return true;
		}
	}
	return false;
}
