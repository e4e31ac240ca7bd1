/* SPDX-License-Identifier: MIT */
#include "html_template.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "file.h"
#include "text.h"
#include "banned.h"

void html_template_init(struct html_template *t)
{
	*t = (struct html_template){ .logo_type = NULL };
	gu_buf_init(&t->title);
	gu_buf_init(&t->css);
	gu_buf_init(&t->logo);
}

void html_template_release(struct html_template *t)
{
	gu_buf_release(&t->title);
	gu_buf_release(&t->css);
	gu_buf_release(&t->logo);
}

/* colours */

enum { ACCENT, ACCENT_DARK, BAND, BAND_INK, COLOURS };

static const char *const colour_names[COLOURS + 1] = { "accent", "accent-dark",
						       "band", "band-ink",
						       NULL };

/* The cards of the page, light and dark (page.css). */
static const uint32_t card = 0xFFFFFF;
static const uint32_t card_dark = 0x171E28;

struct colours {
	uint32_t rgb[COLOURS];
	bool given[COLOURS];
};

static double linear(uint32_t channel)
{
	double v = channel / 255.0;

	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* WCAG 2.2, relative luminance. */
static double luminance(uint32_t rgb)
{
	return 0.2126 * linear(rgb >> 16 & 255) +
	       0.7152 * linear(rgb >> 8 & 255) + 0.0722 * linear(rgb & 255);
}

static double contrast(uint32_t a, uint32_t b)
{
	double la = luminance(a), lb = luminance(b);

	return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

static enum gu_rc check_contrast(const struct colours *c, int which,
				 uint32_t ground, struct gu_err *err)
{
	double ratio = contrast(c->rgb[which], ground);

	if (!c->given[which] || ratio >= 4.5) {
		return GU_RC_OK;
	}
	return gu_err_set(err, GU_RC_USAGE,
			  "colour %s, #%06X, has a contrast of %.1f to its "
			  "ground, #%06X; 4.5 is needed",
			  colour_names[which], (unsigned)c->rgb[which], ratio,
			  (unsigned)ground);
}

static enum gu_rc
parse_colour(const char *name, json_t *value, uint32_t *out, struct gu_err *err)
{
	const char *text = json_string_value(value);
	struct gu_buf hex = GU_BUF_INIT;
	bool good = text && strlen(text) == 7 && text[0] == '#';

	if (good) {
		gu_buf_addf(&hex, "0x%s", text + 1);
		good = gu_parse_u32(hex.data, hex.len, out);
	}
	gu_buf_release(&hex);
	return good ? GU_RC_OK
		    : gu_err_set(err, GU_RC_USAGE,
				 "colour %s is not of the form \"#rrggbb\"",
				 name);
}

static enum gu_rc
read_colours(struct colours *c, json_t *object, struct gu_err *err)
{
	const char *name;
	json_t *value;
	enum gu_rc rc = GU_RC_OK;

	if (!json_is_object(object)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "\"colours\" is not an object");
	}
	json_object_foreach(object, name, value)
	{
		int i = 0;

		while (i < COLOURS && strcmp(name, colour_names[i]) != 0) {
			i++;
		}
		if (i == COLOURS) {
			return gu_err_set(err, GU_RC_USAGE,
					  "there is no colour %s; known: "
					  "accent, accent-dark, band, band-ink",
					  name);
		}
		rc = parse_colour(name, value, &c->rgb[i], err);
		if (rc) {
			return rc;
		}
		c->given[i] = true;
	}
	return GU_RC_OK;
}

static enum gu_rc check_colours(struct colours *c, struct gu_err *err)
{
	enum gu_rc rc = check_contrast(c, ACCENT, card, err);

	if (!rc) {
		rc = check_contrast(c, ACCENT_DARK, card_dark, err);
	}
	if (!rc && c->given[BAND_INK] && !c->given[BAND]) {
		rc = gu_err_set(err, GU_RC_USAGE,
				"colour band-ink needs the colour band");
	}
	if (!rc && c->given[BAND] && !c->given[BAND_INK]) {
		c->rgb[BAND_INK] =
			luminance(c->rgb[BAND]) > 0.18 ? 0 : 0xFFFFFF;
	}
	return rc ? rc : check_contrast(c, BAND_INK, c->rgb[BAND], err);
}

static void add_css(struct gu_buf *css, const struct colours *c)
{
	if (c->given[ACCENT]) {
		gu_buf_addf(css, "\n:root { --accent: #%06x; }",
			    (unsigned)c->rgb[ACCENT]);
	}
	if (c->given[ACCENT_DARK] || c->given[ACCENT]) {
		gu_buf_addf(css,
			    "\n@media (prefers-color-scheme: dark) "
			    "{ :root { --accent: #%06x; } }",
			    c->given[ACCENT_DARK]
				    ? (unsigned)c->rgb[ACCENT_DARK]
				    : 0x8FBAF4u);
	}
	if (c->given[BAND]) {
		unsigned ink = (unsigned)c->rgb[BAND_INK];

		gu_buf_addf(css,
			    "\n:root, header { --band: #%06x; --band-ink: "
			    "#%06x; --band-soft: #%06x; }",
			    (unsigned)c->rgb[BAND], ink, ink);
	}
	gu_buf_adds(css, css->len ? "\n" : "");
}

/* logo */

static const char *type_of(const char *path)
{
	static const char *const types[][2] = {
		{ ".svg", "image/svg+xml" }, { ".png", "image/png" },
		{ ".jpg", "image/jpeg" },    { ".jpeg", "image/jpeg" },
		{ ".gif", "image/gif" },     { ".webp", "image/webp" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(*types); i++) {
		if (gu_strcasecmp(dot, types[i][0]) == 0) {
			return types[i][1];
		}
	}
	return NULL;
}

static enum gu_rc
read_file(struct gu_buf *out, const char *path, struct gu_err *err)
{
	FILE *f = gu_file_open(path, "rb");
	char part[4096];
	size_t n;
	bool lost;

	if (!f) {
		return gu_err_set(err, GU_RC_IO, "%s: %s", path,
				  strerror(errno));
	}
	while (out->len <= HTML_LOGO_BYTES &&
	       (n = fread(part, 1, sizeof(part), f)) > 0) {
		gu_buf_add(out, part, n);
	}
	lost = ferror(f) != 0;
	fclose(f);
	if (lost) {
		return gu_err_set(err, GU_RC_IO, "%s: cannot be read", path);
	}
	if (out->len > HTML_LOGO_BYTES) {
		return gu_err_set(err, GU_RC_USAGE,
				  "%s: a logo may have %d bytes at most", path,
				  (int)HTML_LOGO_BYTES);
	}
	return gu_buf_check(out, err);
}

static enum gu_rc read_logo(struct html_template *t, const char *template,
			    json_t *value, struct gu_err *err)
{
	const char *name = json_string_value(value);
	const char *slash = strrchr(template, '/');
	struct gu_buf path = GU_BUF_INIT;
	enum gu_rc rc;

	if (!name || !type_of(name)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "\"logo\" does not name a .svg, .png, .jpg, "
				  ".jpeg, .gif or .webp file");
	}
	t->logo_type = type_of(name);
	if (*name != '/' && slash) {
		gu_buf_add(&path, template, (size_t)(slash - template) + 1);
	}
	gu_buf_adds(&path, name);
	rc = gu_buf_check(&path, err);
	if (!rc) {
		rc = read_file(&t->logo, path.data, err);
	}
	gu_buf_release(&path);
	return rc;
}

/* the file */

static enum gu_rc read_member(struct html_template *t, const char *path,
			      const char *name, json_t *value,
			      struct gu_err *err)
{
	struct colours colours = { .given = { false } };
	enum gu_rc rc;

	if (strcmp(name, "title") == 0 && json_is_string(value)) {
		gu_buf_adds(&t->title, json_string_value(value));
		return gu_buf_check(&t->title, err);
	}
	if (strcmp(name, "title") == 0) {
		return gu_err_set(err, GU_RC_USAGE,
				  "\"title\" is not a string");
	}
	if (strcmp(name, "logo") == 0) {
		return read_logo(t, path, value, err);
	}
	if (strcmp(name, "colours") != 0) {
		return gu_err_set(err, GU_RC_USAGE,
				  "there is no member \"%s\"; known: title, "
				  "logo, colours",
				  name);
	}
	rc = read_colours(&colours, value, err);
	if (!rc) {
		rc = check_colours(&colours, err);
	}
	if (!rc) {
		add_css(&t->css, &colours);
		rc = gu_buf_check(&t->css, err);
	}
	return rc;
}

static enum gu_rc read_members(struct html_template *t, const char *path,
			       json_t *json, struct gu_err *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(json)) {
		return gu_err_set(err, GU_RC_USAGE, "is not a JSON object");
	}
	json_object_foreach(json, name, value)
	{
		enum gu_rc rc = read_member(t, path, name, value, err);

		if (rc) {
			return rc;
		}
	}
	return GU_RC_OK;
}

enum gu_rc html_template_read(struct html_template *t, const char *path,
			      struct gu_err *err)
{
	struct gu_err inner = GU_ERR_INIT;
	json_error_t syntax;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &syntax);
	enum gu_rc rc;

	if (!json && syntax.line < 0) {
		return gu_err_set(err, GU_RC_IO, "template %s", syntax.text);
	}
	if (!json) {
		return gu_err_set(err, GU_RC_USAGE, "template %s:%d: %s", path,
				  syntax.line, syntax.text);
	}
	rc = read_members(t, path, json, &inner);
	json_decref(json);
	return rc ? gu_err_set(err, rc, "template %s: %s", path, inner.msg)
		  : GU_RC_OK;
}
