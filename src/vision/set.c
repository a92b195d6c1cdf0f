/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of models: names by role, and which kinds can work together. */
#include "set.h"

#include <stdio.h>
#include <string.h>

#include "gatehouse/base/file.h"

static const struct role_row {
	const char *name;
	bool needed;
	uint32_t kinds; /* a bit for each kind that can do it */
} roles[GH_ROLES] = {
	[GH_ROLE_DETECTOR] = { "detector", true, 1u << GH_NETWORK_BOXES | 1u << GH_NETWORK_CELLS },
	[GH_ROLE_LANDMARKS] = { "landmarks", false,
		1u << GH_NETWORK_LANDMARKS | 1u << GH_NETWORK_DLIB_FIVE },
	[GH_ROLE_EMBEDDER] = { "embedder", true, 1u << GH_NETWORK_EMBEDDING },
	[GH_ROLE_POSE] = { "pose", false, 1u << GH_NETWORK_POSE },
	[GH_ROLE_EYES] = { "eyes", false, 1u << GH_NETWORK_EYE },
	[GH_ROLE_LIVENESS] = { "liveness", false, 1u << GH_NETWORK_LIVENESS },
	[GH_ROLE_CONFIRMER] = { "confirmer", false, 1u << GH_NETWORK_CELLS },
};

const char *gh_role_name(enum gh_role role)
{
	return role < GH_ROLES ? roles[role].name : "none";
}

static enum gh_status read_role(
	const struct gh_wordlines *lines, struct gh_model_set *set, struct gh_error *error)
{
	if (lines->count != 2)
		return gh_wordlines_wrong(lines, "a role and the name of a model", error);
	for (int i = 0; i < GH_ROLES; i++) {
		if (strcmp(roles[i].name, lines->words[0]) != 0)
			continue;
		if (set->has[i])
			return gh_wordlines_wrong(lines, "this role stood there already", error);
		set->has[i] = true;
		memcpy(set->forms[i].model, lines->words[1], WORDLINE_WORD_BYTES);
		return GH_OK;
	}
	return gh_wordlines_wrong(lines, "no such role", error);
}

static enum gh_status read_head(
	struct gh_wordlines *lines, struct gh_model_set *set, struct gh_error *error)
{
	enum gh_status status = gh_wordlines_next(lines, error);

	if (status == GH_OK &&
		(lines->count != 2 || strcmp(lines->words[0], "gatehouse-model-set") != 0 ||
			strcmp(lines->words[1], "1") != 0))
		status = gh_wordlines_wrong(lines, "\"gatehouse-model-set 1\" was expected", error);
	if (status == GH_OK)
		status = gh_wordlines_next(lines, error);
	if (status == GH_OK && (lines->count != 2 || strcmp(lines->words[0], "set") != 0))
		status = gh_wordlines_wrong(lines, "\"set NAME\" was expected", error);
	if (status == GH_OK)
		memcpy(set->name, lines->words[1], sizeof(set->name));
	return status;
}

enum gh_status gh_model_set_parse(
	struct gh_view text, struct gh_model_set *set, struct gh_error *error)
{
	struct gh_wordlines lines = { .text = text };
	enum gh_status status;

	memset(set, 0, sizeof(*set));
	status = read_head(&lines, set, error);
	while (status == GH_OK) {
		status = gh_wordlines_next(&lines, error);
		if (status != GH_OK)
			return status;
		if (lines.count == 1 && !strcmp(lines.words[0], "end"))
			break;
		status = read_role(&lines, set, error);
	}
	if (status == GH_OK && !gh_wordlines_over(&lines))
		status = gh_wordlines_wrong(&lines, "nothing may follow \"end\"", error);
	for (int i = 0; i < GH_ROLES && status == GH_OK; i++)
		if (roles[i].needed && !set->has[i])
			status = gh_error_set(
				error, GH_MALFORMED, "the %s is missing", roles[i].name);
	return status;
}

/* A landmark network or the detector gives the points; the embedder needs some of them. */
static enum gh_status check(const struct gh_model_set *set, struct gh_error *error)
{
	bool cells = set->forms[GH_ROLE_DETECTOR].contract.kind == GH_NETWORK_CELLS;
	bool has_landmarks = set->has[GH_ROLE_LANDMARKS];
	bool all = has_landmarks &&
		set->forms[GH_ROLE_LANDMARKS].contract.kind == GH_NETWORK_LANDMARKS;

	if (!has_landmarks && !cells)
		return gh_error_set(
			error, GH_MALFORMED, "nothing gives landmarks: the detector has none");
	if (!has_landmarks && set->forms[GH_ROLE_EMBEDDER].contract.convention == GH_CORNERS)
		return gh_error_set(error, GH_MALFORMED,
			"the embedder needs corners of the eyes, the detector gives centres");
	if (set->has[GH_ROLE_EYES] && !all)
		return gh_error_set(
			error, GH_MALFORMED, "the network of the eyes needs all 68 landmarks");
	return GH_OK;
}

static enum gh_status read_forms(
	const char *folder, struct gh_model_set *set, struct gh_error *error)
{
	for (int i = 0; i < GH_ROLES; i++) {
		struct gh_form *form = &set->forms[i];
		char name[WORDLINE_WORD_BYTES];
		enum gh_status status;

		if (!set->has[i])
			continue;
		memcpy(name, form->model, sizeof(name));
		status = gh_form_read(folder, name, form, error);
		if (status != GH_OK)
			return status;
		if (!(roles[i].kinds & 1u << form->contract.kind))
			return gh_error_set(
				error, GH_MALFORMED, "%s is no %s", name, roles[i].name);
	}
	return check(set, error);
}

enum gh_status gh_model_set_read(
	const char *folder, const char *name, struct gh_model_set *set, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	char inside[WORDLINE_WORD_BYTES + 16], path[4096];
	enum gh_status status;

	if (!name || !*name || name[0] == '.' || strchr(name, '/') ||
		strlen(name) >= WORDLINE_WORD_BYTES)
		return gh_error_set(
			error, GH_SETTINGS, "\"%.32s\" names no set of models", name ? name : "");
	snprintf(inside, sizeof(inside), "sets/%s/set", name);
	status = gh_path_join(folder, inside, path, sizeof(path), error);
	if (status == GH_OK)
		status = gh_file_read(path, WORDLINES_BYTES_MAX, &text, error);
	if (status != GH_OK)
		return status;
	status = gh_model_set_parse(gh_bytes_view(&text), set, error);
	if (status == GH_OK && strcmp(set->name, name) != 0)
		status = gh_error_set(error, GH_MALFORMED, "it describes the set %s", set->name);
	if (status == GH_OK)
		status = read_forms(folder, set, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	gh_bytes_finish(&text);
	return status;
}
