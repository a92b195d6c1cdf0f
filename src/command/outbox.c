/* SPDX-License-Identifier: Apache-2.0 */
/* What the outbox holds, as a technician may see it: ids, states, reasons. */
#include "gatehouse/outbox/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "gatehouse/base/file.h"
#include "gatehouse/receipt/receipt.h"
#include "tables.h"

/* Receipts of a large lane's ninety days. */
#define INPUT_BYTES_MAX (256u * 1024 * 1024)

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

static void print_receipt(const json_t *row)
{
	printf("%s %-9s %s sha256=%s\n", json_string_value(json_object_get(row, "received")),
		json_string_value(json_object_get(row, "kind")),
		json_string_value(json_object_get(row, "id")),
		json_string_value(json_object_get(row, "sha256")));
}

/* A page of the list, as it comes: there may be hundreds of thousands. */
static void print_receipts(const struct call *call, const json_t *page, size_t *printed)
{
	json_t *row;
	size_t i;

	json_array_foreach(page, i, row)
	{
		if (!call->json) {
			print_receipt(row);
		} else {
			fputs(*printed > 0 ? ",\n" : "[\n", stdout);
			json_dumpf(row, stdout, JSON_COMPACT);
		}
		(*printed)++;
	}
}

static int run_receipts(struct call *call)
{
	char after[32] = "0";
	const char *const arguments[] = { call->word_count == 1 ? call->words[0] : after };
	json_int_t next;
	size_t printed = 0;

	do {
		json_t *answer;
		int result = lane_call(call, "outbox-receipts", arguments, 1, &answer);

		if (result != EXIT_FINE)
			return result;
		print_receipts(call, json_object_get(answer, "receipts"), &printed);
		next = json_integer_value(json_object_get(answer, "next"));
		snprintf(after, sizeof(after), "%" JSON_INTEGER_FORMAT, next);
		json_decref(answer);
	} while (next > 0);
	if (call->json)
		puts(printed > 0 ? "\n]" : "[]");
	else if (printed == 0)
		puts("no receipt of the centre is kept");
	return EXIT_FINE;
}

/* A file whole, or standard input. */
static enum gh_status read_input(struct call *call, const char *path, struct gh_bytes *bytes)
{
	uint8_t piece[65536];
	enum gh_status status = GH_OK;
	size_t got;

	if (strcmp(path, "-") != 0)
		return gh_file_read(path, INPUT_BYTES_MAX, bytes, &call->error);
	while (status == GH_OK && (got = fread(piece, 1, sizeof(piece), stdin)) > 0) {
		if (bytes->length_bytes + got > INPUT_BYTES_MAX)
			return gh_error_set(
				&call->error, GH_TOO_LARGE, "standard input is too long");
		status = gh_bytes_append(bytes, piece, got, &call->error);
	}
	return status;
}

/* One receipt of the input, by its place there. */
static enum gh_status verify_one(struct call *call, const json_t *row, size_t place,
	const uint8_t key[GH_PUBLIC_KEY_BYTES], struct gh_receipt *receipt)
{
	char text[GH_RECEIPT_JSON_BYTES_MAX];
	size_t length = json_dumpb(row, text, sizeof(text), JSON_COMPACT | JSON_ENCODE_ANY);
	enum gh_status status = GH_MALFORMED;

	if (length <= sizeof(text))
		status = gh_receipt_decode(
			(struct gh_view){ (const uint8_t *)text, length }, receipt, &call->error);
	else
		gh_error_set(&call->error, status, "not a receipt");
	if (status == GH_OK)
		status = gh_receipt_verify(receipt, key, &call->error);
	if (status != GH_OK)
		gh_error_wrap(&call->error, "receipt %zu", place + 1);
	return status;
}

/* All, or the first that does not hold. */
static enum gh_status verify_all(
	struct call *call, json_t *input, const uint8_t key[GH_PUBLIC_KEY_BYTES], size_t *count)
{
	struct gh_receipt receipt;
	enum gh_status status = GH_OK;

	*count = json_is_array(input) ? json_array_size(input) : 1;
	if (*count == 0)
		return gh_error_set(&call->error, GH_MALFORMED, "there is no receipt in it");
	for (size_t i = 0; status == GH_OK && i < *count; i++) {
		const json_t *row = json_is_array(input) ? json_array_get(input, i) : input;

		status = verify_one(call, row, i, key, &receipt);
		if (status == GH_OK && !call->json)
			printf("holds: %s %s\n", gh_receipt_kind_name(receipt.kind),
				json_string_value(json_object_get(row, "id")));
	}
	return status;
}

static int run_verify(struct call *call)
{
	const char *given = call_option(call, "--central-key", NULL);
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	json_t *input = NULL;
	size_t count = 0;
	enum gh_status status;

	if (!given) {
		fputs("gatehouse: outbox verify needs --central-key: the centre's public key, "
		      "which a receipt itself cannot vouch for\n",
			stderr);
		return EXIT_USAGE;
	}
	status = gh_receipt_read_key(given, key, &call->error);
	if (status == GH_OK)
		status = read_input(call, call->words[0], &bytes);
	if (status == GH_OK) {
		input = json_loadb(
			(const char *)bytes.data, bytes.length_bytes, JSON_REJECT_DUPLICATES, NULL);
		status = verify_all(call, input, key, &count);
	}
	gh_bytes_finish(&bytes);
	json_decref(input);
	if (status != GH_OK)
		return call_fail(call, status);
	if (call->json)
		return call_print_json(
			json_pack("{s:b,s:I}", "holds", 1, "receipts", (json_int_t)count));
	printf("%zu of %zu signed by the centre\n", count, count);
	return EXIT_FINE;
}

static const struct option_known verify_options[] = {
	{ "--central-key", "PUBLIC", "the centre's public key: 64 digits, or a file of them" },
	{ NULL, NULL, NULL },
};

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
	{ "outbox receipts", "[ID]", 0, 1,
		"List the centre's receipts for what was delivered; or those of one id.",
		"gatehouse outbox receipts --json > receipts.json", socket_option, run_receipts },
	{ "outbox verify", "FILE", 1, 1,
		"Check such receipts (- is standard input) with the centre's public key alone.",
		"gatehouse outbox verify receipts.json --central-key central.pub", verify_options,
		run_verify },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
