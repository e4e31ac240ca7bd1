/* SPDX-License-Identifier: MIT */
#ifndef GU_HTML_TEMPLATE_H
#define GU_HTML_TEMPLATE_H

#include "buf.h"

/* What a team makes of the page: a JSON file with any of
 *
 *   "title":   heads the page instead of "Impersonation policy audit"
 *   "logo":    an image file, relative to the template: .svg, .png, .jpg,
 *              .jpeg, .gif or .webp, at most HTML_LOGO_BYTES; it goes into the
 *              page as a data: URI and cannot run anything there
 *   "colours": an object of "#rrggbb" by name: "accent" (links, focus),
 *              "accent-dark" (the same in the dark), "band" (the bar on top)
 *              and "band-ink" (its text; found from "band" when left out)
 *
 * Colours that could not be read on their ground (a contrast below 4.5 to 1,
 * WCAG 2.2, 1.4.3) are refused, and so is anything else. */
enum { HTML_LOGO_BYTES = 512 * 1024 };

struct html_template {
	struct gu_buf title;
	struct gu_buf css;     /* what the colours change */
	const char *logo_type; /* "image/png"; NULL: no logo */
	struct gu_buf logo;    /* its bytes */
};

void html_template_init(struct html_template *t);
void html_template_release(struct html_template *t);

/* GU_RC_USAGE: the file is not as above; GU_RC_IO: it, or the logo, cannot be
 * read. */
GU_MUST_CHECK enum gu_rc html_template_read(struct html_template *t,
					    const char *path,
					    struct gu_err *err);

#endif
