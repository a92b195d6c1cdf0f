/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the table for people: key by key, and as the reference file. */
#include "gatehouse/settings/settings.h"

#include <string.h>

#include "table.h"
#include "value.h"

#define COLUMNS 78

static const char head[] =
	"# SPDX-License-Identifier: Apache-2.0\n"
	"# Settings of a Gatehouse lane (gatehoused) and of the reference central service\n"
	"# (gatehouse-central): every key there is, at its default.\n"
	"#\n"
	"# A key that is left out has its default. An unknown section or key, a key given\n"
	"# twice and a value out of range are refused with file and line. Numbers are\n"
	"# whole; their unit stands in the key's name (permille: thousandths, ppm: per\n"
	"# million, ppb: per thousand million). Comments begin with # or ; at the start of\n"
	"# a line, or with a blank and ; behind a value. Lines are shorter than 198 bytes.\n";

void gh_settings_describe(void (*call)(void *ctx, const struct gh_setting *setting), void *ctx)
{
	for (size_t i = 0; i < gh_rows_length; i++) {
		const struct gh_row *row = &gh_rows[i];
		char range[GH_RANGE_BYTES];
		struct gh_setting setting = {
			.section = row->section,
			.key = row->key,
			.range = range,
			.default_value = row->preset,
			.about = row->about,
		};

		gh_value_range(row, range);
		call(ctx, &setting);
	}
}

/* Append text as a comment, broken at blanks before the last column. */
static enum gh_status print_comment(
	struct gh_bytes *bytes, const char *text, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	while (status == GH_OK && *text) {
		size_t length = strlen(text);

		if (length > COLUMNS - 2) {
			length = COLUMNS - 2;
			while (length > 1 && text[length] != ' ')
				length--;
		}
		status = gh_bytes_print(bytes, error, "# %.*s\n", (int)length, text);
		text += length;
		text += strspn(text, " ");
	}
	return status;
}

static enum gh_status print_row(
	struct gh_bytes *bytes, const struct gh_row *row, struct gh_error *error)
{
	char range[GH_RANGE_BYTES];
	enum gh_status status = gh_bytes_print(bytes, error, "\n");

	gh_value_range(row, range);
	if (status == GH_OK)
		status = print_comment(bytes, row->about, error);
	if (status == GH_OK)
		status = gh_bytes_print(bytes, error, "# Range: %s. Default: %s.\n", range,
			row->preset[0] ? row->preset : "empty");
	if (status == GH_OK)
		status = gh_bytes_print(bytes, error, "%s =%s%s\n", row->key,
			row->preset[0] ? " " : "", row->preset);
	return status;
}

static enum gh_status print_section(
	struct gh_bytes *bytes, const struct gh_row_section *section, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(bytes, error, "\n");

	if (status == GH_OK)
		status = print_comment(bytes, section->about, error);
	if (status == GH_OK)
		status = gh_bytes_print(bytes, error, "[%s]\n", section->name);
	for (size_t i = 0; status == GH_OK && i < gh_rows_length; i++)
		if (strcmp(gh_rows[i].section, section->name) == 0)
			status = print_row(bytes, &gh_rows[i], error);
	return status;
}

enum gh_status gh_settings_reference(struct gh_bytes *text, struct gh_error *error)
{
	enum gh_status status = gh_bytes_append(text, head, sizeof(head) - 1, error);

	for (size_t i = 0; status == GH_OK && i < gh_row_sections_length; i++)
		status = print_section(text, &gh_row_sections[i], error);
	return status;
}
