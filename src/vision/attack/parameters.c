/* SPDX-License-Identifier: Apache-2.0 */
/* The file of parameters: one value a line, in one order, under a hash. */
#include <inttypes.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/attack.h"
#include "hashed_lines.h"

#define FORMAT_VERSION 1

static enum gh_status take_term(
	struct gh_hashed_lines *lines, enum gh_attack_cue cue, struct gh_attack_term *term)
{
	float numbers[4];
	enum gh_status status = gh_hashed_lines_numbers(lines, gh_attack_cue_word(cue), numbers, 4);

	if (status != GH_OK)
		return status;
	*term = (struct gh_attack_term){ numbers[0], numbers[1], numbers[2], numbers[3] };
	if (!(term->scale >= 1e-6f) || !(term->weight >= 0.0f))
		return gh_hashed_lines_wrong(lines, "a scale is above 0, a weight not below");
	return GH_OK;
}

static enum gh_status take_fusion(
	struct gh_hashed_lines *lines, const char *key, struct gh_attack_fusion *fusion)
{
	enum gh_status status = gh_hashed_lines_numbers(lines, key, &fusion->bias, 1);

	for (int i = 0; i < GH_ATTACK_CUE_COUNT && status == GH_OK; i++)
		status = take_term(lines, (enum gh_attack_cue)i, &fusion->terms[i]);
	if (status == GH_OK)
		status = gh_hashed_lines_numbers(
			lines, "limits", fusion->limits, GH_ATTACK_BPCER_COUNT);
	for (int i = 1; i < GH_ATTACK_BPCER_COUNT && status == GH_OK; i++)
		if (fusion->limits[i] > fusion->limits[i - 1])
			status = gh_hashed_lines_wrong(
				lines, "limits fall as the share of false alarms grows");
	return status;
}

static enum gh_status take_head(struct gh_hashed_lines *lines, struct gh_attack_parameters *to)
{
	enum gh_status status = gh_hashed_lines_begin(lines, "gatehouse-attack", FORMAT_VERSION);

	if (status == GH_OK)
		status =
			gh_hashed_lines_text(lines, "data_set", to->data_set, sizeof(to->data_set));
	if (status == GH_OK)
		status = gh_hashed_lines_yes(lines, "simulated_only", &to->simulated_only);
	if (status == GH_OK)
		status = gh_hashed_lines_count(lines, "people", &to->people);
	if (status == GH_OK)
		status = gh_hashed_lines_count(lines, "bona_fide", &to->bona_fide);
	if (status == GH_OK)
		status = gh_hashed_lines_count(lines, "attacks", &to->attacks);
	return status;
}

enum gh_status gh_attack_parse(
	struct gh_view text, struct gh_attack_parameters *parameters, struct gh_error *error)
{
	struct gh_hashed_lines lines = { .text = text, .error = error };
	enum gh_status status;

	memset(parameters, 0, sizeof(*parameters));
	status = take_head(&lines, parameters);
	if (status == GH_OK)
		status = take_fusion(&lines, "with_network", &parameters->with_network);
	if (status == GH_OK)
		status = take_fusion(&lines, "without_network", &parameters->without_network);
	if (status == GH_OK)
		status = gh_hashed_lines_end(&lines);
	if (status != GH_OK)
		memset(parameters, 0, sizeof(*parameters));
	return status;
}

enum gh_status gh_attack_read(
	const char *path, struct gh_attack_parameters *parameters, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, GH_ATTACK_FILE_BYTES_MAX, &text, error);

	memset(parameters, 0, sizeof(*parameters));
	if (status == GH_OK) {
		status = gh_attack_parse(gh_bytes_view(&text), parameters, error);
		if (status != GH_OK)
			gh_error_wrap(error, "%s", path);
	}
	gh_bytes_finish(&text);
	return status;
}

static enum gh_status print_fusion(struct gh_bytes *text, const char *key,
	const struct gh_attack_fusion *fusion, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(text, error, "%s %.9g\n", key, (double)fusion->bias);

	for (int i = 0; i < GH_ATTACK_CUE_COUNT && status == GH_OK; i++) {
		const struct gh_attack_term *term = &fusion->terms[i];

		status = gh_bytes_print(text, error, "%s %.9g %.9g %.9g %.9g\n",
			gh_attack_cue_word((enum gh_attack_cue)i), (double)term->typical,
			(double)term->centre, (double)term->scale, (double)term->weight);
	}
	for (int i = 0; i < GH_ATTACK_BPCER_COUNT && status == GH_OK; i++)
		status = gh_bytes_print(text, error, "%s%.9g%s", i == 0 ? "limits " : " ",
			(double)fusion->limits[i], i + 1 < GH_ATTACK_BPCER_COUNT ? "" : "\n");
	return status;
}

static enum gh_status print(
	struct gh_bytes *text, const struct gh_attack_parameters *from, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(text, error,
		"gatehouse-attack %d\ndata_set %s\nsimulated_only %s\npeople %" PRIu32
		"\nbona_fide %" PRIu32 "\nattacks %" PRIu32 "\n",
		FORMAT_VERSION, from->data_set, from->simulated_only ? "yes" : "no", from->people,
		from->bona_fide, from->attacks);

	if (status == GH_OK)
		status = print_fusion(text, "with_network", &from->with_network, error);
	if (status == GH_OK)
		status = print_fusion(text, "without_network", &from->without_network, error);
	return status == GH_OK ? gh_hashed_lines_seal(text, error) : status;
}

enum gh_status gh_attack_write(
	const char *path, const struct gh_attack_parameters *parameters, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = print(&text, parameters, error);

	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&text), 0644, error);
	gh_bytes_finish(&text);
	return status;
}
