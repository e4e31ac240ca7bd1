/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "sha256.h"

/* Messages and digests: FIPS 180-2 appendix B and NIST's SHAVS short
 * message vectors. */
static void sha256_gives_the_published_digests(void **state)
{
	static const struct {
		const char *name;
		const char *message;
		size_t len;
		const char *digest;
	} rows[] = {
		{ "empty", "", 0,
		  "e3b0c44298fc1c149afbf4c8996fb924"
		  "27ae41e4649b934ca495991b7852b855" },
		{ "one byte", "\xd3", 1,
		  "28969cdfa74a12c82f3bad960b0b000a"
		  "ca2ac329deea5c2328ebc6f2ba9802c1" },
		{ "abc", "abc", 3,
		  "ba7816bf8f01cfea414140de5dae2223"
		  "b00361a396177a9cb410ff61f20015ad" },
		{ "56 bytes, the length in a block of its own",
		  "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  56,
		  "248d6a61d20638b8e5c026930c3e6039"
		  "a33ce45964ff2167f6ecedd419db06c1" },
		{ "112 bytes",
		  "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  112,
		  "cf5b16a778af8380036ce59e7b049237"
		  "0b249b11e8f07a51afac45037afee9d1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char hex[GU_SHA256_HEX_SIZE];

		gu_sha256_hex(rows[i].message, rows[i].len, hex);
		row_check(strcmp(hex, rows[i].digest) == 0, rows[i].name);
	}
}

static void sha256_of_a_million_a(void **state)
{
	const size_t n = 1000000;
	char *a = gu_calloc(n, 1);
	char hex[GU_SHA256_HEX_SIZE];

	(void)state;
	assert_non_null(a);
	memset(a, 'a', n);
	assert_string_equal(gu_sha256_hex(a, n, hex),
			    "cdc76e5c9914fb9281a1c7e284d73e67"
			    "f1809a48a497200e046d39ccc7112cd0");
	gu_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_gives_the_published_digests),
		cmocka_unit_test(sha256_of_a_million_a),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
