/* SPDX-License-Identifier: MIT */
#include "matrix_output.h"

#include <inttypes.h>
#include <stdio.h>

#include "write.h"
#include "banned.h"

/* formats */

static const char *type_name(const struct gu_matrix_object *object)
{
	return object->type == GU_OBJ_NONE ? ""
					   : gu_objtype_row(object->type)->name;
}

/* In characters: bytes that do not continue one. */
static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++) {
		n += ((unsigned char)*s & 0xC0) != 0x80;
	}
	return n;
}

static void write_padded(const char *text, size_t width)
{
	size_t mine = width_of(text);

	printf("%s%*s  ", text, mine < width ? (int)(width - mine) : 0, "");
}

/* Set by the head, for one table at a time. */
static size_t principal_width;
static size_t object_width;

static void text_head(const struct gu_matrix_input *in)
{
	principal_width = strlen("principal");
	object_width = strlen("object");
	for (size_t i = 0; i < in->principal_count; i++) {
		size_t width = width_of(in->principals[i].text);

		principal_width =
			width > principal_width ? width : principal_width;
	}
	for (size_t i = 0; i < in->object_count; i++) {
		size_t width = width_of(in->objects[i].name.text);

		object_width = width > object_width ? width : object_width;
	}
	write_padded("principal", principal_width);
	write_padded("object", object_width);
	puts("rights");
}

static void text_cell(const struct gu_matrix_input *in, size_t principal,
		      size_t object, uint32_t granted, const char *rights)
{
	(void)granted;
	write_padded(in->principals[principal].text, principal_width);
	write_padded(in->objects[object].name.text, object_width);
	puts(*rights ? rights : "-");
}

static void csv_head(const struct gu_matrix_input *in)
{
	(void)in;
	fputs("principal,object,type,granted,rights\r\n", stdout);
}

static void csv_cell(const struct gu_matrix_input *in, size_t principal,
		     size_t object, uint32_t granted, const char *rights)
{
	const char *who = in->principals[principal].text;
	const char *what = in->objects[object].name.text;

	gu_write_csv_cell(stdout, who, strlen(who));
	putchar(',');
	gu_write_csv_cell(stdout, what, strlen(what));
	printf(",%s,0x%" PRIX32 ",%s\r\n", type_name(&in->objects[object]),
	       granted, rights);
}

static void json_head(const struct gu_matrix_input *in)
{
	(void)in;
}

static void json_cell(const struct gu_matrix_input *in, size_t principal,
		      size_t object, uint32_t granted, const char *rights)
{
	printf("{\"principal\":%s,\"object\":%s,\"type\":\"%s\",\"granted\":"
	       "%" PRIu32 ",\"rights\":\"%s\"}\n",
	       in->principals[principal].json, in->objects[object].name.json,
	       type_name(&in->objects[object]), granted, rights);
}

const struct gu_matrix_format *gu_matrix_format_find(const char *name)
{
	static const struct gu_matrix_format formats[] = {
		{ "text", text_head, text_cell },
		{ "csv", csv_head, csv_cell },
		{ "json", json_head, json_cell },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].name, name) == 0) {
			return &formats[i];
		}
	}
	return NULL;
}

/* rights in words */

enum { WORDS = 256 };

/* Few masks fill a matrix: their words are kept, by mask and type, the later
 * in the place of the earlier. */
struct words {
	struct gu_buf text;
	uint32_t mask;
	enum gu_objtype type;
	bool used;
};

/* The rights listed that are granted, as a mask, and by name. */
static uint32_t list_rights(const struct gu_matrix_view *view,
			    const struct gu_matrix_object *object,
			    uint32_t granted, struct gu_buf *text)
{
	uint32_t shown = 0;

	gu_buf_reset(text);
	for (size_t i = 0; i < view->right_count; i++) {
		uint32_t mask = gu_mask_map(view->rights[i].mask[object->type],
					    &object->map);

		if (!mask || (granted & mask) != mask) {
			continue;
		}
		shown |= mask;
		if (text->len) {
			gu_buf_addc(text, '|');
		}
		gu_buf_adds(text, view->rights[i].name);
	}
	return shown;
}

static const struct gu_buf *
name_rights(struct words *cache, enum gu_objtype type, uint32_t granted)
{
	uint32_t hash = (granted * 0x9E3779B9u) ^ (uint32_t)type * 0x85EBCA6Bu;
	struct words *w = &cache[hash >> 24];

	if (!w->used || w->mask != granted || w->type != type) {
		gu_buf_reset(&w->text);
		if (granted) {
			gu_rights_format(granted, type, &w->text);
		}
		w->mask = granted;
		w->type = type;
		w->used = true;
	}
	return &w->text;
}

static enum gu_rc write_cells(const struct gu_matrix_input *in,
			      const struct gu_matrix_format *format,
			      const struct gu_matrix_view *view,
			      struct words *cache, struct gu_err *err)
{
	struct gu_buf listed = GU_BUF_INIT;
	const struct gu_buf *text = &listed;
	size_t cells = in->principal_count * in->object_count;
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && !ferror(stdout) && i < cells; i++) {
		size_t p = i / in->object_count;
		size_t o = i % in->object_count;
		uint32_t granted = gu_matrix_cell(in->matrix, p, o);

		if ((granted & view->needed) != view->needed) {
			continue;
		}
		if (view->rights) {
			granted = list_rights(view, &in->objects[o], granted,
					      &listed);
		} else {
			text = name_rights(cache, in->objects[o].type, granted);
		}
		rc = gu_buf_check(text, err);
		if (!rc) {
			format->cell(in, p, o, granted, text->data);
		}
	}
	gu_buf_release(&listed);
	return rc;
}

enum gu_rc gu_matrix_write(const struct gu_matrix_input *in,
			   const struct gu_matrix_format *format,
			   const struct gu_matrix_view *view,
			   struct gu_err *err)
{
	struct words cache[WORDS];
	enum gu_rc rc;

	for (size_t i = 0; i < WORDS; i++) {
		cache[i] = (struct words){ .text = GU_BUF_INIT };
	}
	format->head(in);
	rc = write_cells(in, format, view, cache, err);
	for (size_t i = 0; i < WORDS; i++) {
		gu_buf_release(&cache[i].text);
	}
	return rc;
}
