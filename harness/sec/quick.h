/* SPDX-License-Identifier: MIT */
#ifndef GU_QUICK_H
#define GU_QUICK_H

#include "access.h"

/* The access check again, made for many questions: SIDs become numbers, a
 * token a set of bits, a descriptor a short list of {number, mask}. What is
 * rare (conditions, object types, restricted tokens, AppContainers, gates
 * other than the label) goes to gu_access_check, which stays the judge: both
 * always agree. One thread each. */
struct gu_quick;
struct gu_quick_token;
struct gu_quick_sd;

GU_MUST_CHECK enum gu_rc
gu_quick_new(struct gu_quick **out, struct gu_err *err);
/* Frees its descriptors too; tokens go before. */
void gu_quick_free(struct gu_quick *quick);

/* New; holds a reference to `token`, which must not change. */
GU_MUST_CHECK enum gu_rc
gu_quick_token_new(struct gu_quick *quick, const struct gu_token *token,
		   struct gu_quick_token **out, struct gu_err *err);
void gu_quick_token_free(struct gu_quick_token *token);

/* A descriptor made ready, by its self-relative bytes: equal bytes and
 * mapping give the same one. Borrowed: valid as long as `quick` is. */
GU_MUST_CHECK enum gu_rc
gu_quick_compile(struct gu_quick *quick, const uint8_t *bytes, size_t n,
		 const struct gu_generic_mapping *map, struct gu_quick_sd **out,
		 struct gu_err *err);

struct gu_quick_answer {
	uint32_t mask;   /* granted rights; 0 when denied */
	uint32_t status; /* NTSTATUS: 0 is granted */
};
/* Fails, as does explaining, where gu_access_check runs out of memory; the
 * answer is a denial then. */
GU_MUST_CHECK enum gu_rc
gu_quick_check(const struct gu_quick_sd *sd, struct gu_quick_token *token,
	       uint32_t desired, struct gu_quick_answer *answer);

/* What settled each right asked for: the index of an ACE, or one of these. */
enum {
	GU_WHY_NOBODY = 0xFFFF, /* nothing did: not granted, or not asked */
	GU_WHY_OWNER = 0xFFFE,
	GU_WHY_NULL_DACL = 0xFFFD,
	GU_WHY_PRIVILEGE = 0xFFFC,
	GU_WHY_GATE = 0xFFFB, /* withheld by label, trust or filter */
};
struct gu_quick_why {
	uint16_t ace[32]; /* by bit */
};
GU_MUST_CHECK enum gu_rc
gu_quick_explain(const struct gu_quick_sd *sd, struct gu_quick_token *token,
		 uint32_t desired, struct gu_quick_answer *answer,
		 struct gu_quick_why *why);

/* One check of a descriptor that has not been seen before and will not be
 * again: nothing is kept. Refuses what gu_sd_decode refuses. */
GU_MUST_CHECK enum gu_rc
gu_quick_check_bytes(struct gu_quick *quick, const uint8_t *bytes, size_t n,
		     const struct gu_generic_mapping *map,
		     struct gu_quick_token *token, uint32_t desired,
		     struct gu_quick_answer *answer, struct gu_err *err);

/* How many SIDs and descriptors it knows. */
size_t gu_quick_sid_count(const struct gu_quick *quick);
size_t gu_quick_sd_count(const struct gu_quick *quick);

#endif
