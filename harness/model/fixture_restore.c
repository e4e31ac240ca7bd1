/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "open.h"
#include "sec_json.h"
#include "tokens.h"

#include "banned.h"

/* The fixture `restore`: what a snapshot holds of another machine. */

enum { NAME, TYPE, FORM };

/* What a token of Windows always has. */
static void complete(struct gu_token *data)
{
	if (!gu_sid_is_set(&data->owner)) {
		data->owner = data->user;
	}
	if (!gu_sid_is_set(&data->primary_group)) {
		data->primary_group = data->user;
	}
}

static enum gu_rc restore_token(struct m_ctx *c, const json_t *form)
{
	struct gu_token *data = NULL;
	struct m_token *t;
	struct gu_ref ref;
	enum gu_rc rc =
		gu_json_token(json_object_get(form, "token"), &data, c->err);

	if (!rc) {
		complete(data);
		rc = m_token_new(c->w, data, NULL, &t, c->err);
	}
	if (rc) {
		return rc;
	}
	rc = m_item_add(c->w, GU_REF_TOKEN, t, m_item_unref, &ref, c->err);
	if (rc) {
		m_object_unref(c->w, &t->obj);
		return rc;
	}
	m_token_identity(c->w, t, &c->call->out.identity);
	m_set_ref(c, ref);
	return m_answer_ok(c);
}

static enum gu_rc
restore_sd(struct m_ctx *c, const json_t *form, struct gu_sd *out)
{
	bool present = false;
	enum gu_rc rc;

	*out = (struct gu_sd)GU_SD_INIT;
	rc = gu_json_sd(form, out, &present, c->err);
	if (!rc && !present) {
		rc = gu_err_set(c->err, GU_RC_USAGE,
				"restore: an object needs sddl or sd_hex");
	}
	return rc;
}

static enum gu_rc restore_object(struct m_ctx *c, const json_t *form)
{
	enum gu_objtype type = (enum gu_objtype)m_uint(c, TYPE, GU_OBJ_COUNT);
	struct gu_sd sd;
	enum gu_rc rc = m_fixture_object(c, type, m_str(c, NAME));

	if (!rc) {
		rc = restore_sd(c, form, &sd);
	}
	if (rc) {
		return rc;
	}
	rc = m_fixture_made(c, type, m_str(c, NAME), &sd);
	gu_sd_release(&sd);
	return rc;
}

enum gu_rc m_fn_restore(struct m_ctx *c)
{
	json_error_t why;
	json_t *form = json_loads(m_str(c, FORM), 0, &why);
	enum gu_rc rc;

	if (!json_is_object(form)) {
		rc = gu_err_set(c->err, GU_RC_USAGE,
				"restore: not a JSON object%s%s",
				form ? "" : ": ", form ? "" : why.text);
	} else if (m_has(c, TYPE)) {
		rc = restore_object(c, form);
	} else {
		rc = restore_token(c, form);
	}
	json_decref(form);
	return rc;
}
