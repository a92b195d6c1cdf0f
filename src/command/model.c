/* SPDX-License-Identifier: Apache-2.0 */
/* The sets of models on this machine, and whether one of them works. */
#include "gatehouse/vision/model.h"

#include <string.h>

#include "gatehouse/daemon/compose.h"
#include "command.h"
#include "tables.h"

static json_t *listing_json(const struct gh_model_listing *listing)
{
	json_t *networks = json_object();

	for (int i = 0; i < GH_MODEL_ROLES; i++)
		if (listing->models[i])
			json_object_set_new(
				networks, listing->role_names[i], json_string(listing->models[i]));
	return json_pack("{s:s,s:b,s:o,s:s,s:s}", "set", listing->name, "chosen", listing->chosen,
		"networks", networks, "status", gh_status_name(listing->status), "reason",
		listing->reason_text);
}

static void add_listing(void *ctx, const struct gh_model_listing *listing)
{
	json_array_append_new(ctx, listing_json(listing));
}

static void print_listing(void *ctx, const struct gh_model_listing *listing)
{
	(void)ctx;
	printf("%c %-14s", listing->chosen ? '*' : ' ', listing->name);
	for (int i = 0; i < GH_MODEL_ROLES; i++)
		if (listing->models[i])
			printf(" %s=%s", listing->role_names[i], listing->models[i]);
	fputc('\n', stdout);
	if (listing->status != GH_OK)
		printf("  %-14s %s\n", "", listing->reason_text);
}

static int run_list(struct call *call)
{
	struct gh_vision_options vision = gh_compose_vision(&call->settings);
	json_t *list = call->json ? json_array() : NULL;
	enum gh_status status = gh_model_list(
		&vision, call->json ? add_listing : print_listing, list, &call->error);

	if (status != GH_OK) {
		json_decref(list);
		return call_fail(call, status);
	}
	return call->json ? call_print_json(list) : EXIT_FINE;
}

static void add_check(void *ctx, const struct gh_model_check *check)
{
	json_array_append_new(ctx,
		json_pack("{s:s,s:s,s:b,s:s,s:I}", "network", check->network, "check", check->what,
			"passed", check->passed, "text", check->text, "time_us",
			(json_int_t)check->time_us));
}

static void print_check(void *ctx, const struct gh_model_check *check)
{
	(void)ctx;
	printf("%s  %-14s %-12s %s\n", check->passed ? "pass" : "FAIL", check->network, check->what,
		check->text);
}

static int answer(
	struct call *call, const char *set, const struct gh_model_verdict *verdict, json_t *checks)
{
	char chain[65] = "";
	int result = verdict->failed ? EXIT_FOUND : EXIT_FINE;

	if (verdict->has_chain)
		gh_hex_format(verdict->chain.bytes, sizeof(verdict->chain.bytes), chain);
	if (call->json) {
		int printed = call_print_json(json_pack("{s:s,s:s,s:s,s:b,s:i,s:i,s:o}", "set", set,
			"engine", verdict->engine, "model_chain", chain, "passed",
			verdict->failed == 0, "checks_passed", (int)verdict->passed,
			"checks_failed", (int)verdict->failed, "checks", checks));

		return printed == EXIT_FINE ? result : printed;
	}
	printf("set %s, %s: %u passed, %u failed\n", set, verdict->engine, verdict->passed,
		verdict->failed);
	if (verdict->has_chain)
		printf("model chain %s\n", chain);
	return result;
}

static int run_check(struct call *call)
{
	struct gh_vision_options vision = gh_compose_vision(&call->settings);
	json_t *checks = call->json ? json_array() : NULL;
	struct gh_model_verdict verdict;
	enum gh_status status;

	if (call->word_count > 0)
		vision.model_set = call->words[0];
	status = gh_model_check(
		&vision, call->json ? add_check : print_check, checks, &verdict, &call->error);
	if (status != GH_OK) {
		json_decref(checks);
		return call_fail(call, status);
	}
	return answer(call, vision.model_set, &verdict, checks);
}

const struct command model_commands[] = {
	{ "model list", "", 0, 0,
		"List the sets of models beside [vision] models_manifest; * marks the one in use.",
		"gatehouse model list --config /etc/gatehouse/gatehouse.conf", NULL, run_list },
	{ "model check", "[SET]", 0, 1,
		"Check a set of models: descriptions, hashes, tensors, and a drawn face.",
		"gatehouse model check dlib --json", NULL, run_check },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
