/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

#include "html_column.h"

/* Columns are written as html_column.h describes them: read back here by that
 * description alone. */

struct reader {
	uint8_t bytes[1 << 20];
	size_t len;
	size_t at;
};

static int value_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = strchr(digits, c);

	return at && c ? (int)(at - digits) : -1;
}

/* Bytes of the base64 in `f`. */
static size_t decode(FILE *f, uint8_t *out)
{
	uint32_t bits = 0;
	size_t count = 0, n = 0;
	int c;

	rewind(f);
	while ((c = fgetc(f)) != EOF) {
		int v = value_of((char)c);

		if (v < 0) {
			assert_int_equal(c, '=');
			continue;
		}
		bits = bits << 6 | (uint32_t)v;
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[n++] = (uint8_t)(bits >> count);
		}
	}
	return n;
}

static void unpack(struct reader *r, FILE *f)
{
	static uint8_t packed[1 << 20];
	uLongf len = sizeof(r->bytes);
	size_t n = decode(f, packed);

	assert_int_equal(uncompress(r->bytes, &len, packed, n), Z_OK);
	r->len = len;
	r->at = 0;
}

static unsigned u8(struct reader *r)
{
	assert_true(r->at < r->len);
	return r->bytes[r->at++];
}

static uint32_t u32(struct reader *r)
{
	uint32_t v = 0;

	for (int shift = 0; shift < 32; shift += 8) {
		v |= (uint32_t)u8(r) << shift;
	}
	return v;
}

static uint64_t leb(struct reader *r)
{
	uint64_t v = 0;
	unsigned byte, shift = 0;

	do {
		byte = u8(r);
		v |= (uint64_t)(byte & 127) << shift;
		shift += 7;
	} while (byte > 127);
	return v;
}

/* Writes `count` values as a block's only column and leaves it in `r`. */
static void write_column(struct reader *r, enum html_form wish,
			 const char *const *values, size_t count)
{
	struct gu_err err = GU_ERR_INIT;
	struct html_column c;
	struct html_pack pack;
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_rc_ok(html_pack_init(&pack, f, &err));
	assert_rc_ok(html_column_init(&c, "x", wish, &err));
	for (size_t i = 0; i < count; i++) {
		assert_true(html_column_add(&c, values[i]));
	}
	html_column_write(&c, &pack);
	html_pack_end(&pack);
	html_column_release(&c);
	html_pack_release(&pack);
	unpack(r, f);
	fclose(f);
}

static struct reader reader;

static void words_are_referred_to_by_number(void **state)
{
	static const char *const values[] = { "b", "b", "a", "", "b", "a" };
	static const unsigned codes[] = { 0, 1, 0, 0, 1, 2 };
	struct reader *r = &reader;

	(void)state;
	write_column(r, HTML_WORDS, values, 6);
	assert_int_equal(u8(r), 0);
	assert_int_equal(u32(r), 3);
	assert_int_equal(u32(r), 5);
	assert_memory_equal(r->bytes + r->at, "b\0a\0\0", 5);
	r->at += 5;
	assert_int_equal(u8(r), 1);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(u8(r), codes[i]);
	}
	assert_int_equal(r->at, r->len);
}

static void a_full_block_of_distinct_words_takes_two_planes(void **state)
{
	static char texts[HTML_BLOCK_ROWS][8];
	static const char *values[HTML_BLOCK_ROWS];
	struct reader *r = &reader;

	(void)state;
	for (int i = 0; i < HTML_BLOCK_ROWS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%d", i);
		values[i] = texts[i];
	}
	values[HTML_BLOCK_ROWS - 1] = "7000"; /* seen before: 7001 */
	write_column(r, HTML_WORDS, values, HTML_BLOCK_ROWS);
	assert_int_equal(u8(r), 0);
	assert_int_equal(u32(r), HTML_BLOCK_ROWS - 1);
	r->at += u32(r);
	assert_int_equal(u8(r), 2);
	for (int i = 0; i < HTML_BLOCK_ROWS - 1; i++) {
		assert_int_equal(u8(r), 0);
	}
	assert_int_equal(u8(r), 7001 & 255);
	r->at += HTML_BLOCK_ROWS - 1;
	assert_int_equal(u8(r), 7001 >> 8);
	assert_int_equal(r->at, r->len);
}

static void numbers_are_differences(void **state)
{
	static const char *const values[] = { "5", "6", "", "999999999999999" };
	/* Zigzag of +6, +1, -7, +1000000000000000. */
	static const uint64_t want[] = { 12, 2, 13,
					 UINT64_C(2000000000000000) };
	struct reader *r = &reader;

	(void)state;
	write_column(r, HTML_NUMBERS, values, 4);
	assert_int_equal(u8(r), 1);
	assert_int_equal(u32(r), r->len - 5);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(leb(r), want[i]);
	}
	assert_int_equal(r->at, r->len);
}

static void sizes_are_themselves_plus_one(void **state)
{
	static const char *const values[] = { "840", "", "0" };
	static const uint64_t want[] = { 841, 0, 1 };
	struct reader *r = &reader;

	(void)state;
	write_column(r, HTML_SIZES, values, 3);
	assert_int_equal(u8(r), 2);
	assert_int_equal(u32(r), 4);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(leb(r), want[i]);
	}
}

static void times_are_microseconds(void **state)
{
	static const char *const values[] = { "1970-01-01T00:00:00.000002Z",
					      "2026-01-31T09:00:01.000000Z",
					      "2024-02-29T23:59:59.999999Z" };
	static const int64_t want[] = { 3, INT64_C(1769850001000001),
					INT64_C(1709251200000000) };
	struct reader *r = &reader;
	int64_t at = 0;

	(void)state;
	write_column(r, HTML_TIMES, values, 3);
	assert_int_equal(u8(r), 3);
	u32(r);
	for (size_t i = 0; i < 3; i++) {
		uint64_t v = leb(r);

		at += v & 1 ? -(int64_t)(v / 2) - 1 : (int64_t)(v / 2);
		assert_true(at == want[i]);
	}
}

/* What a browser would not print as it was is kept as text. */
static void what_does_not_read_back_is_a_word(void **state)
{
	static const struct {
		enum html_form wish;
		const char *value;
	} rows[] = {
		{ HTML_NUMBERS, "007" },
		{ HTML_NUMBERS, "-1" },
		{ HTML_NUMBERS, "1e3" },
		{ HTML_NUMBERS, "9007199254740993" },
		{ HTML_SIZES, "<b>" },
		{ HTML_TIMES, "2026-02-30T00:00:00.000000Z" },
		{ HTML_TIMES, "2026-01-31T09:00:00Z" },
		{ HTML_TIMES, "2026-13-01T00:00:00.000000Z" },
		{ HTML_TIMES, "1969-12-31T23:59:59.999999Z" },
	};
	struct reader *r = &reader;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *value = rows[i].value;

		write_column(r, rows[i].wish, &value, 1);
		row_check(u8(r) == HTML_WORDS, value);
	}
}

static void a_block_of_numbers_takes_no_word(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct html_column c;

	(void)state;
	assert_rc_ok(html_column_init(&c, "x", HTML_NUMBERS, &err));
	assert_true(html_column_add(&c, "1"));
	assert_false(html_column_add(&c, "one"));
	assert_int_equal(c.rows, 1);
	html_column_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_referred_to_by_number),
		cmocka_unit_test(
			a_full_block_of_distinct_words_takes_two_planes),
		cmocka_unit_test(numbers_are_differences),
		cmocka_unit_test(sizes_are_themselves_plus_one),
		cmocka_unit_test(times_are_microseconds),
		cmocka_unit_test(what_does_not_read_back_is_a_word),
		cmocka_unit_test(a_block_of_numbers_takes_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
