/* SPDX-License-Identifier: Apache-2.0 */
/* What the outbox holds, as a technician may see it: ids, states, reasons. */
#include "gatehouse/outbox/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "tables.h"

static void print_row(const json_t *row)
{
	printf("%s %-9s %-11s attempts=%" JSON_INTEGER_FORMAT " put=%s reason=%s\n",
		json_string_value(json_object_get(row, "id")),
		json_string_value(json_object_get(row, "kind")),
		json_string_value(json_object_get(row, "state")),
		json_integer_value(json_object_get(row, "attempts")),
		json_string_value(json_object_get(row, "put")),
		json_string_value(json_object_get(row, "reason")));
}

static int run_list(struct call *call)
{
	json_t *answer;
	json_t *row;
	size_t i;
	int result = lane_call(call, "outbox-list", NULL, 0, &answer);

	if (result != EXIT_FINE)
		return result;
	if (call->json)
		return call_print_json(answer);
	if (json_array_size(answer) == 0)
		puts("the outbox is empty");
	json_array_foreach(answer, i, row) print_row(row);
	json_decref(answer);
	return EXIT_FINE;
}

/* All items of one encounter, or one addendum. */
static json_t *rows_of(const json_t *all, const char *id)
{
	json_t *list = json_array();
	json_t *row;
	size_t i;

	json_array_foreach(all, i, row)
	{
		const char *own = json_string_value(json_object_get(row, "id"));
		const char *encounter = json_string_value(json_object_get(row, "encounter"));

		if ((own && strcmp(own, id) == 0) || (encounter && strcmp(encounter, id) == 0))
			json_array_append(list, row);
	}
	return list;
}

static int run_show(struct call *call)
{
	json_t *answer;
	json_t *rows;
	json_t *row;
	size_t i;
	int result = lane_call(call, "outbox-list", NULL, 0, &answer);

	if (result != EXIT_FINE)
		return result;
	rows = rows_of(answer, call->words[0]);
	json_decref(answer);
	if (json_array_size(rows) == 0) {
		json_decref(rows);
		gh_error_set(&call->error, GH_NOT_FOUND, "the outbox holds nothing of that id");
		return call_fail(call, GH_NOT_FOUND);
	}
	if (call->json)
		return call_print_json(rows);
	json_array_foreach(rows, i, row) print_row(row);
	json_decref(rows);
	return EXIT_FINE;
}

static int run_retry(struct call *call)
{
	json_t *answer;
	int result = lane_call(call, "outbox-retry", call->words, call->word_count, &answer);

	if (result != EXIT_FINE)
		return result;
	json_decref(answer);
	if (call->json)
		return call_print_json(json_null());
	puts("due now");
	return EXIT_FINE;
}

static const struct option_known socket_option[] = {
	{ "--socket", "PATH", "the lane's command socket" },
	{ NULL, NULL, NULL },
};

const struct command outbox_commands[] = {
	{ "outbox list", "", 0, 0, "List what waits for the centre, and what it refused.",
		"gatehouse outbox list --json", socket_option, run_list },
	{ "outbox show", "ID", 1, 1, "Show the items of one encounter or addendum.", NULL,
		socket_option, run_show },
	{ "outbox retry", "ID", 1, 1, "Take an item out of quarantine and send it again.", NULL,
		socket_option, run_retry },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
