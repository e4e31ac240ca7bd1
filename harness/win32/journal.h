/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_JOURNAL_H
#define GU_WIN32_JOURNAL_H

#include "buf.h"
#include "err.h"

/* What was made on a machine and would outlive a run that is cut short: one
 * line a thing, written before it is made, "KIND<TAB>NAME\n". A name has no
 * control characters. Pure; any thread. */
enum w_journal_kind {
	W_JOURNAL_FOLDER, /* a folder and all below it */
	W_JOURNAL_KEY,    /* "HKLM\\Software\\guise-..." and all below it */
	W_JOURNAL_SERVICE,
	W_JOURNAL_KIND_COUNT,
};
const char *w_journal_kind_name(enum w_journal_kind kind); /* "folder" */

/* Appends one line. False when the name cannot be written down. */
GU_MUST_CHECK bool
w_journal_line(struct gu_buf *out, enum w_journal_kind kind, const char *name);

/* Reads the next entry from `*at`, which moves on. A line that was cut off, is
 * none, or names what guise would never have made (no "guise-" in its last
 * part) is left out: a journal must not talk anybody into removing other
 * things. False at the end. `*name` is borrowed from `text` and `*len` long. */
bool w_journal_next(const char *text, size_t n, size_t *at,
		    enum w_journal_kind *kind, const char **name, size_t *len);

#endif
