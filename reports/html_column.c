/* SPDX-License-Identifier: MIT */
#include "html_column.h"

#include <string.h>

#include "alloc.h"
#include "banned.h"

enum {
	SLOTS = 2 * HTML_BLOCK_ROWS,
	SAFE_DIGITS = 15, /* any such number is exact in JavaScript */
};

enum gu_rc html_column_init(struct html_column *c, const char *name,
			    enum html_form wish, struct gu_err *err)
{
	*c = (struct html_column){ .name = name, .wish = wish, .form = wish };
	gu_buf_init(&c->text);
	c->starts = gu_calloc(HTML_BLOCK_ROWS, sizeof(*c->starts));
	c->ids = gu_calloc(HTML_BLOCK_ROWS, sizeof(*c->ids));
	c->slots = gu_calloc(SLOTS, sizeof(*c->slots));
	if (wish != HTML_WORDS) {
		c->numbers = gu_calloc(HTML_BLOCK_ROWS, sizeof(*c->numbers));
	}
	if (!c->starts || !c->ids || !c->slots ||
	    (wish != HTML_WORDS && !c->numbers)) {
		html_column_release(c);
		return gu_err_nomem(err);
	}
	return GU_RC_OK;
}

void html_column_release(struct html_column *c)
{
	gu_buf_release(&c->text);
	gu_free(c->starts);
	gu_free(c->ids);
	gu_free(c->slots);
	gu_free(c->numbers);
	*c = (struct html_column){ .name = c->name };
	gu_buf_init(&c->text);
}

/* words */

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++) {
		h = (h ^ (unsigned char)*s) * 16777619u;
	}
	return h ^ h >> 15;
}

static uint16_t intern(struct html_column *c, const char *value)
{
	uint32_t at = hash(value) % SLOTS;

	for (; c->slots[at]; at = (at + 1) % SLOTS) {
		uint16_t id = (uint16_t)(c->slots[at] - 1);

		if (strcmp(c->text.data + c->starts[id], value) == 0) {
			return id;
		}
	}
	c->starts[c->count] = (uint32_t)c->text.len;
	gu_buf_add(&c->text, value, strlen(value) + 1);
	c->slots[at] = (uint16_t)(c->count + 1);
	return (uint16_t)c->count++;
}

static void add_word(struct html_column *c, const char *value)
{
	if (c->rows) {
		uint16_t last = c->ids[c->rows - 1];

		if (strcmp(c->text.data + c->starts[last], value) == 0) {
			c->ids[c->rows++] = last;
			return;
		}
	}
	c->ids[c->rows] = intern(c, value);
	c->rows += !c->text.oom;
}

/* numbers */

/* Only what a browser turns back into the same text. */
static bool parse_number(const char *s, uint64_t *out)
{
	size_t n = strspn(s, "0123456789");
	uint64_t v = 0;

	if (s[n] || n > SAFE_DIGITS || (n > 1 && *s == '0')) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	*out = n ? v + 1 : 0;
	return true;
}

static bool parse_digits(const char *s, size_t n, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9') {
			return false;
		}
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	*out = v;
	return true;
}

/* Days from 1970-01-01; years are counted from March, so that the leap day is
 * the last of its year. */
static uint64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
	uint64_t y = year - (month <= 2);
	uint64_t m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	       1 - 719468;
}

static uint64_t days_in(uint64_t year, uint64_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30,
					31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* "2026-01-31T09:00:00.000000Z", in the years that a Date prints so. */
static bool parse_time(const char *s, uint64_t *out)
{
	static const char shape[] = "0000-00-00T00:00:00.000000Z";
	uint64_t year, month, day, hour, minute, second, us;

	if (!*s) {
		*out = 0;
		return true;
	}
	if (strlen(s) != sizeof(shape) - 1) {
		return false;
	}
	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] != '0' && s[i] != shape[i]) {
			return false;
		}
	}
	if (!parse_digits(s, 4, &year) || !parse_digits(s + 5, 2, &month) ||
	    !parse_digits(s + 8, 2, &day) || !parse_digits(s + 11, 2, &hour) ||
	    !parse_digits(s + 14, 2, &minute) ||
	    !parse_digits(s + 17, 2, &second) ||
	    !parse_digits(s + 20, 6, &us)) {
		return false;
	}
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month) || hour > 23 || minute > 59 ||
	    second > 59) {
		return false;
	}
	*out = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 +
	       second;
	*out = *out * 1000000 + us + 1;
	return true;
}

bool html_column_add(struct html_column *c, const char *value)
{
	uint64_t number = 0;
	bool fits = c->wish == HTML_TIMES ? parse_time(value, &number)
					  : parse_number(value, &number);

	if (c->wish != HTML_WORDS && !c->rows) {
		c->form = fits ? c->wish : HTML_WORDS;
	}
	if (c->form == HTML_WORDS) {
		add_word(c, value);
		return true;
	}
	if (fits) {
		c->numbers[c->rows++] = number;
	}
	return fits;
}

/* writing */

static void write_words(struct html_column *c, struct html_pack *p)
{
	unsigned width = c->count < 255 ? 1 : 2;
	unsigned char plane[1024];
	uint32_t seen;

	html_pack_add_u8(p, HTML_WORDS);
	html_pack_add_u32(p, c->count);
	html_pack_add_u32(p, (uint32_t)c->text.len);
	html_pack_add(p, c->text.data, c->text.len);
	html_pack_add_u8(p, width);
	for (unsigned shift = 0; shift < 8 * width; shift += 8) {
		size_t used = 0;

		seen = 0;
		for (uint32_t i = 0; i < c->rows; i++) {
			uint32_t code = c->ids[i] == seen ? 0 : c->ids[i] + 1u;

			seen += code == 0;
			plane[used++] = (unsigned char)(code >> shift);
			if (used == sizeof(plane)) {
				html_pack_add(p, plane, used);
				used = 0;
			}
		}
		html_pack_add(p, plane, used);
	}
}

/* What is written for the value of row `i`. */
static uint64_t code_of(const struct html_column *c, uint32_t i)
{
	uint64_t before = i ? c->numbers[i - 1] : 0;
	uint64_t v = c->numbers[i];

	if (c->form == HTML_SIZES) {
		return v;
	}
	return v >= before ? (v - before) << 1 : ((before - v) << 1) - 1;
}

static size_t put_leb(unsigned char *at, uint64_t v)
{
	size_t n = 0;

	for (; v > 127; v >>= 7) {
		at[n++] = (unsigned char)(v | 128);
	}
	at[n++] = (unsigned char)v;
	return n;
}

static void write_numbers(const struct html_column *c, struct html_pack *p)
{
	unsigned char part[1024];
	size_t used = 0;
	uint32_t total = 0;

	for (uint32_t i = 0; i < c->rows; i++) {
		total += (uint32_t)put_leb(part, code_of(c, i));
	}
	html_pack_add_u8(p, c->form);
	html_pack_add_u32(p, total);
	for (uint32_t i = 0; i < c->rows; i++) {
		if (used > sizeof(part) - 10) { /* of 64 bits */
			html_pack_add(p, part, used);
			used = 0;
		}
		used += put_leb(part + used, code_of(c, i));
	}
	html_pack_add(p, part, used);
}

void html_column_write(struct html_column *c, struct html_pack *p)
{
	if (c->form == HTML_WORDS) {
		write_words(c, p);
		memset(c->slots, 0, SLOTS * sizeof(*c->slots));
	} else {
		write_numbers(c, p);
	}
	gu_buf_reset(&c->text);
	c->form = c->wish;
	c->count = 0;
	c->rows = 0;
}
