/* SPDX-License-Identifier: Apache-2.0 */
/* What the lane holds of people, why, and until when. */
#include <string.h>

#include "command.h"
#include "tables.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_held(const json_t *list)
{
	json_t *row;
	size_t i;

	if (json_array_size(list) == 0)
		puts("nothing of a traveller is held");
	json_array_foreach(list, i, row)
	{
		printf("%6" JSON_INTEGER_FORMAT " %-9s %-10s captured from %s, limit %s\n"
		       "       %s\n",
			number_of(row, "count"), text_of(row, "kind"), text_of(row, "class"),
			text_of(row, "first_capture"), text_of(row, "first_limit"),
			text_of(row, "why"));
		if (number_of(row, "set_aside") > 0)
			printf("       %" JSON_INTEGER_FORMAT " of them refused by the centre\n",
				number_of(row, "set_aside"));
	}
}

static void print_voyages(const json_t *list)
{
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row)
		printf("voyage %s: %" JSON_INTEGER_FORMAT " persons, limit %s\n       %s\n",
			text_of(row, "voyage"), number_of(row, "persons"), text_of(row, "limit"),
			text_of(row, "why"));
}

static void print_erasure(const json_t *erasure)
{
	printf("%" JSON_INTEGER_FORMAT
	       " deleted keys wait for their master to go; %" JSON_INTEGER_FORMAT
	       " batches are logged, countersigned up to %" JSON_INTEGER_FORMAT "\n",
		number_of(erasure, "pending"), number_of(erasure, "batches"),
		number_of(erasure, "countersigned"));
	if (number_of(erasure, "rounds_failed") > 0)
		printf("%" JSON_INTEGER_FORMAT " rounds failed since the start: see the log\n",
			number_of(erasure, "rounds_failed"));
	if (json_is_true(json_object_get(erasure, "log_set_aside")))
		puts("the erasure log was refused at the start and set aside: see the log");
	puts(text_of(erasure, "withstands"));
}

static bool as_it_should_be(const json_t *answer)
{
	const json_t *erasure = json_object_get(answer, "erasure");

	return !json_is_true(json_object_get(answer, "overdue")) &&
		!json_is_true(json_object_get(erasure, "log_set_aside"));
}

static int run_report(struct call *call)
{
	json_t *answer;
	int result = lane_call(call, "retention", NULL, 0, &answer);
	bool fine;

	if (result != EXIT_FINE)
		return result;
	fine = as_it_should_be(answer);
	if (call->json) {
		result = call_print_json(answer);
		return result == EXIT_FINE && !fine ? EXIT_FOUND : result;
	}
	printf("%s: %s\n", text_of(answer, "now"), text_of(answer, "rule"));
	print_held(json_object_get(answer, "held"));
	print_voyages(json_object_get(answer, "voyages"));
	if (json_is_true(json_object_get(answer, "overdue")))
		puts("a photograph is past its limit");
	print_erasure(json_object_get(answer, "erasure"));
	json_decref(answer);
	return fine ? EXIT_FINE : EXIT_FOUND;
}

static const struct option_known socket_option[] = {
	{ "--socket", "PATH", "the lane's command socket" },
	{ NULL, NULL, NULL },
};

const struct command retention_commands[] = {
	{ "retention report", "", 0, 0,
		"Say what the lane holds of travellers, why, and until when; nobody is named.",
		"gatehouse retention report --json", socket_option, run_report },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
