/* SPDX-License-Identifier: MIT */
#include "html.h"

#include <ctype.h>
#include <inttypes.h>

#include "banned.h"

static const char *entity(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

static void put(struct html_page *p, const char *s, size_t n)
{
	if (p->held) {
		gu_buf_add(p->held, s, n);
	} else {
		fwrite(s, 1, n, p->out);
	}
}

void html_raw(struct html_page *p, const char *text)
{
	put(p, text, strlen(text));
}

/* Control characters are shown by their Unicode pictures (U+2400...). */
static void put_odd(struct html_page *p, unsigned char c)
{
	char picture[] = "\xE2\x90\x80";
	const char *name = entity(c);

	if (name) {
		html_raw(p, name);
	} else if (c < 0x20) {
		picture[2] = (char)(0x80 + c);
		html_raw(p, picture);
	} else if (c == 0x7F) {
		html_raw(p, "\xE2\x90\xA1");
	} else {
		html_raw(p, GU_UTF8_REPLACEMENT);
	}
}

static size_t plain_run(const char *s, size_t n)
{
	size_t at = 0;

	while (at < n) {
		unsigned char c = (unsigned char)s[at];
		size_t len = gu_utf8_sequence(s + at, n - at);

		if (len == 0 || c < 0x20 || c == 0x7F || entity(c)) {
			break;
		}
		at += len;
	}
	return at;
}

void html_text(struct html_page *p, const char *s, size_t n)
{
	for (;;) {
		size_t run = plain_run(s, n);

		put(p, s, run);
		if (run == n) {
			return;
		}
		put_odd(p, (unsigned char)s[run]);
		s += run + 1;
		n -= run + 1;
	}
}

void html_emit(struct html_page *p, const char *markup, ...)
{
	va_list ap;

	va_start(ap, markup);
	for (;;) {
		size_t run = strcspn(markup, "%");
		const char *text;

		put(p, markup, run);
		if (!markup[run]) {
			break;
		}
		text = va_arg(ap, const char *);
		if (text) {
			html_text(p, text, strlen(text));
		}
		markup += run + 1;
	}
	va_end(ap);
}

void html_clip(struct html_page *p, const char *s)
{
	size_t n = strlen(s);
	size_t at = 0;

	if (n <= HTML_CLIP) {
		html_text(p, s, n);
		return;
	}
	while (at < HTML_CLIP) {
		size_t len = gu_utf8_sequence(s + at, n - at);

		at += len ? len : 1;
	}
	html_text(p, s, at);
	html_raw(p, "\xE2\x80\xA6");
}

void html_query(struct html_page *p, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		char code[4] = { *s, '\0' };

		if (c >= 0x80 || !(isalnum(c) || strchr("-._~", c))) {
			snprintf(code, sizeof(code), "%%%02X", c);
		}
		html_raw(p, code);
	}
}

void html_scenario(struct html_page *p, const char *name, const char *file)
{
	html_raw(p, "<a href=\"#view=timeline&amp;scenario=");
	html_query(p, name);
	html_raw(p, "&amp;file=");
	html_query(p, file);
	html_raw(p, "\">");
	html_clip(p, name);
	html_raw(p, "</a><small class=\"path\">");
	html_clip(p, file);
	html_raw(p, "</small>");
}

void html_json(struct html_page *p, const char *s)
{
	size_t n = strlen(s);

	html_raw(p, "\"");
	for (size_t at = 0; at < n;) {
		size_t len = gu_utf8_sequence(s + at, n - at);
		unsigned char c = (unsigned char)s[at];
		char code[8];

		if (!len) {
			html_raw(p, GU_UTF8_REPLACEMENT);
			len = 1;
		} else if (c < 0x20 || c == '"' || c == '\\' || c == '<') {
			snprintf(code, sizeof(code), "\\u%04x", c);
			html_raw(p, code);
		} else {
			put(p, s + at, len);
		}
		at += len;
	}
	html_raw(p, "\"");
}

void html_breakable(struct html_page *p, const char *text, char mark)
{
	const char *at;

	while ((at = strchr(text, mark)) != NULL) {
		html_text(p, text, (size_t)(at - text) + 1);
		html_raw(p, "<wbr>");
		text = at + 1;
	}
	html_text(p, text, strlen(text));
}

struct html_digits html_digits(uint64_t v)
{
	struct html_digits n;

	snprintf(n.text, sizeof(n.text), "%" PRIu64, v);
	return n;
}

struct html_digits html_grouped(uint64_t v)
{
	static const char space[] = "\xE2\x80\x89";
	char plain[24];
	size_t n = (size_t)snprintf(plain, sizeof(plain), "%" PRIu64, v);
	struct html_digits out = { "" };
	size_t used = 0;

	/* Ten digits and three spaces: enough for what a run can hold. */
	for (size_t i = 0; i < n && used + 4 < sizeof(out.text); i++) {
		if (i && (n - i) % 3 == 0) {
			memcpy(out.text + used, space, 3);
			used += 3;
		}
		out.text[used++] = plain[i];
	}
	return out;
}

const enum gu_verdict html_verdicts[HTML_VERDICTS] = {
	GU_VERDICT_PASS, GU_VERDICT_FAIL, GU_VERDICT_ERROR, GU_VERDICT_KNOWN,
	GU_VERDICT_SKIP
};

const char *html_mark(const char *verdict)
{
	static const char *const marks[][2] = {
		{ "pass", "\xE2\x9C\x93" },  { "fail", "\xE2\x9C\x97" },
		{ "skip", "\xE2\x97\x8B" },  { "known", "\xE2\x89\x88" },
		{ "error", "\xE2\x80\xBC" },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (strcmp(verdict, marks[i][0]) == 0) {
			return marks[i][1];
		}
	}
	return "";
}

void html_badge(struct html_page *p, const char *verdict)
{
	if (*verdict) {
		html_emit(
			p,
			"<span class=\"badge v-%\"><b aria-hidden=\"true\">%</b>"
			" %</span>",
			verdict, html_mark(verdict), verdict);
	}
}

void html_answer(struct html_page *p, const struct gu_row *row)
{
	const char *code = row->col[GU_COL_status_code];
	const char *name = row->col[GU_COL_status_name];

	if (row->ok < 0) {
		return;
	}
	html_emit(p, row->ok ? "<span class=\"answer yes\">"
			     : "<span class=\"answer no\">");
	if (row->ok && strspn(code, "0x") == strlen(code)) {
		html_emit(p, "succeeded</span>");
		return;
	}
	html_breakable(p, *name ? name : code, '_');
	html_emit(p, "</span>");
	if (*name) {
		html_emit(p, " <span class=\"code\">(%)</span>", code);
	}
}
