/* SPDX-License-Identifier: MIT */
#ifndef GU_MATRIX_H
#define GU_MATRIX_H

#include "access.h"

/* Who has which rights to what: the access check for every principal and
 * every object, MAXIMUM_ALLOWED asked. Equal descriptors are decided once, and
 * so are principals that no descriptor here tells apart; what is kept is one
 * number for each pair of such classes. A token's type and level are not
 * looked at. One thread each. */
struct gu_matrix;

GU_MUST_CHECK enum gu_rc
gu_matrix_new(struct gu_matrix **out, struct gu_err *err);
void gu_matrix_free(struct gu_matrix *matrix); /* NULL is fine */

/* Principals and objects are numbered from 0 in the order they come. Holds a
 * reference to `token`, which must not change. */
GU_MUST_CHECK enum gu_rc gu_matrix_add_principal(struct gu_matrix *matrix,
						 const struct gu_token *token,
						 struct gu_err *err);

/* The descriptor as gu_sd_encode writes it: other layouts of the same one
 * count as another. Refuses what gu_sd_decode refuses. */
GU_MUST_CHECK enum gu_rc
gu_matrix_add_object(struct gu_matrix *matrix, const uint8_t *bytes, size_t n,
		     const struct gu_generic_mapping *map, struct gu_err *err);

/* Once, when all have come. */
GU_MUST_CHECK enum gu_rc
gu_matrix_decide(struct gu_matrix *matrix, struct gu_err *err);

/* The rights granted, 0 for none; after gu_matrix_decide. */
uint32_t
gu_matrix_cell(const struct gu_matrix *matrix, size_t principal, size_t object);

/* How many were decided. */
size_t gu_matrix_principal_classes(const struct gu_matrix *matrix);
size_t gu_matrix_object_classes(const struct gu_matrix *matrix);

#endif
