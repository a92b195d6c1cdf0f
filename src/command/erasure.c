/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of erasure: made on the lane, checked anywhere. */
#include "gatehouse/erasure/proof.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "command.h"
#include "tables.h"

#define KEY_FILE_BYTES_MAX 256

static const char *folder_of(const struct call *call)
{
	return call_option(call, "--folder", call->settings.lane.data_directory);
}

static int run_prove(struct call *call)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_id record;
	enum gh_status status = gh_id_parse(call->words[0], &record, &call->error);

	if (status == GH_OK)
		status = gh_erasure_prove(folder_of(call), &record, &json, &call->error);
	if (status != GH_OK)
		return call_fail(call, status);
	fwrite(json.data, 1, json.length_bytes, stdout);
	gh_bytes_finish(&json);
	return fflush(stdout) == 0 ? EXIT_FINE : EXIT_FAULT;
}

/* 64 hexadecimal digits, or a file that holds them on its first line. */
static enum gh_status read_key(
	struct call *call, const char *option, const char *given, uint8_t key[GH_PUBLIC_KEY_BYTES])
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	char text[2 * GH_PUBLIC_KEY_BYTES + 1] = "";
	enum gh_status status = GH_OK;

	if (gh_hex_parse(given, key, GH_PUBLIC_KEY_BYTES, NULL) == GH_OK)
		return GH_OK;
	status = gh_file_read(given, KEY_FILE_BYTES_MAX, &bytes, &call->error);
	if (status == GH_OK && bytes.length_bytes >= sizeof(text) - 1) {
		memcpy(text, bytes.data, sizeof(text) - 1);
		status = gh_hex_parse(text, key, GH_PUBLIC_KEY_BYTES, &call->error);
	} else if (status == GH_OK) {
		status = gh_error_set(&call->error, GH_MALFORMED, "%s: no key", given);
	}
	gh_bytes_finish(&bytes);
	if (status != GH_OK)
		gh_error_wrap(&call->error, "%s", option);
	return status;
}

static void format_time(int64_t time_ms, char text[GH_TIME_TEXT_BYTES])
{
	if (time_ms == 0)
		memcpy(text, "none", sizeof("none"));
	else
		gh_time_format(time_ms, text);
}

static const char *attested_text(enum gh_erasure_attested attested)
{
	switch (attested) {
	case GH_ERASURE_WITNESSED:
		return "countersigned by the centre";
	case GH_ERASURE_SEEN:
		return "countersigned by a key that was not given: who that is, is not checked";
	case GH_ERASURE_LANE_CLOCK:
		break;
	}
	return "not countersigned: the times rest on the lane's own clock";
}

static void print_entry(const struct gh_erasure_verdict *verdict, size_t i)
{
	const struct gh_erasing *row = &verdict->entries[i];
	char captured[GH_TIME_TEXT_BYTES];
	char limit[GH_TIME_TEXT_BYTES];
	char destroyed[GH_TIME_TEXT_BYTES];

	format_time(row->captured_ms, captured);
	format_time(row->limit_ms, limit);
	format_time(verdict->destroyed_ms[i], destroyed);
	printf("%-8s captured %s, limit %s, destroyed by %s (%s; clock %s)\n",
		gh_erased_what_name(row->what), captured, limit, destroyed,
		gh_erased_why_name(row->why), gh_clock_quality_name(verdict->quality[i]));
	if (row->clock_step_ms != 0)
		printf("         the lane's clock was moved by %lld ms while it was held\n",
			(long long)row->clock_step_ms);
}

static void print_verdict(const struct gh_erasure_verdict *verdict)
{
	char record[GH_ID_TEXT_BYTES];
	char time[GH_TIME_TEXT_BYTES];

	gh_id_format(&verdict->record, record);
	printf("the proof holds: record %s, lane %s\n", record, verdict->lane);
	for (size_t i = 0; i < verdict->count; i++)
		print_entry(verdict, i);
	if (verdict->late_ms > 0)
		printf("LATE by %lld ms\n", (long long)verdict->late_ms);
	printf("%llu batches without a gap; %s\n", (unsigned long long)verdict->batches,
		attested_text(verdict->attested));
	if (verdict->witnessed_ms != 0) {
		format_time(verdict->witnessed_ms, time);
		printf("witnessed at %s%s\n", time,
			verdict->witnessed_in_time ? ", before every limit" : "");
	}
	puts("it cannot show that no other copy exists.");
	puts(gh_erasure_strength_text(verdict->strength));
}

static json_t *verdict_value(const struct gh_erasure_verdict *verdict)
{
	static const char *const attested[] = { [GH_ERASURE_LANE_CLOCK] = "lane_clock",
		[GH_ERASURE_SEEN] = "unknown_witness",
		[GH_ERASURE_WITNESSED] = "centre" };
	json_t *entries = json_array();
	char record[GH_ID_TEXT_BYTES];
	char time[GH_TIME_TEXT_BYTES];

	for (size_t i = 0; i < verdict->count; i++) {
		const struct gh_erasing *row = &verdict->entries[i];
		int64_t late_ms = row->limit_ms != 0 ? verdict->destroyed_ms[i] - row->limit_ms : 0;

		format_time(verdict->destroyed_ms[i], time);
		json_array_append_new(entries,
			json_pack("{s:s,s:s,s:s,s:I,s:s,s:I}", "what",
				gh_erased_what_name(row->what), "why", gh_erased_why_name(row->why),
				"destroyed_by", time, "late_ms",
				(json_int_t)(late_ms > 0 ? late_ms : 0), "clock",
				gh_clock_quality_name(verdict->quality[i]), "clock_moved_ms",
				(json_int_t)row->clock_step_ms));
	}
	gh_id_format(&verdict->record, record);
	format_time(verdict->witnessed_ms, time);
	return json_pack("{s:b,s:s,s:s,s:o,s:I,s:s,s:s,s:b,s:I,s:s}", "holds", 1, "record", record,
		"lane", verdict->lane, "entries", entries, "late_ms", (json_int_t)verdict->late_ms,
		"attested_by", attested[verdict->attested], "witnessed", time,
		"witnessed_before_limits", verdict->witnessed_in_time, "batches",
		(json_int_t)verdict->batches, "withstands",
		gh_erasure_strength_text(verdict->strength));
}

/* Late, or not countersigned although the centre's key was given: not as it should be. */
static int judge(const struct call *call, const struct gh_erasure_verdict *verdict)
{
	bool expected =
		!call_has(call, "--central-key") || verdict->attested == GH_ERASURE_WITNESSED;

	return verdict->late_ms == 0 && expected ? EXIT_FINE : EXIT_FOUND;
}

static int verify_proof(struct call *call, const struct gh_bytes *json,
	const uint8_t key[GH_PUBLIC_KEY_BYTES], const uint8_t *central_key)
{
	struct gh_erasure_verdict verdict;
	enum gh_status status =
		gh_erasure_verify(gh_bytes_view(json), key, central_key, &verdict, &call->error);
	int printed = EXIT_FINE;

	if (status != GH_OK)
		return call_fail(call, status);
	if (call->json)
		printed = call_print_json(verdict_value(&verdict));
	else
		print_verdict(&verdict);
	return printed == EXIT_FINE ? judge(call, &verdict) : printed;
}

static int run_verify(struct call *call)
{
	const char *given = call_option(call, "--key", NULL);
	const char *central = call_option(call, "--central-key", NULL);
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	uint8_t central_key[GH_PUBLIC_KEY_BYTES];
	struct gh_bytes json = GH_BYTES_EMPTY;
	enum gh_status status;
	int result;

	if (!given) {
		fputs("gatehouse: erasure verify needs --key: the lane's public key, which the "
		      "proof itself cannot vouch for\n",
			stderr);
		return EXIT_USAGE;
	}
	status = read_key(call, "--key", given, key);
	if (status == GH_OK && central)
		status = read_key(call, "--central-key", central, central_key);
	if (status == GH_OK)
		status = gh_file_read(
			call->words[0], GH_ERASURE_PROOF_BYTES_MAX, &json, &call->error);
	if (status != GH_OK)
		return call_fail(call, status);
	result = verify_proof(call, &json, key, central ? central_key : NULL);
	gh_bytes_finish(&json);
	return result;
}

static json_t *summary_value(const struct gh_erasure_summary *summary)
{
	char first[GH_TIME_TEXT_BYTES];
	char last[GH_TIME_TEXT_BYTES];

	format_time(summary->first_time_ms, first);
	format_time(summary->newest.time_ms, last);
	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:s,s:s,s:s}", "lane", summary->newest.lane,
		"batches", (json_int_t)summary->newest.number, "entries",
		(json_int_t)summary->entries, "late", (json_int_t)summary->late, "late_max_ms",
		(json_int_t)summary->late_max_ms, "clock_moved", (json_int_t)summary->stepped,
		"tail_bytes", (json_int_t)summary->tail_bytes, "first", first, "last", last,
		"withstands", gh_erasure_strength_text(summary->newest.strength));
}

static int run_check(struct call *call)
{
	const char *given = call_option(call, "--key", NULL);
	struct gh_erasure_summary summary;
	uint8_t key[GH_PUBLIC_KEY_BYTES];
	json_t *value;
	enum gh_status status;
	int printed = EXIT_FINE;

	if (!given) {
		fputs("gatehouse: erasure check needs --key: the lane's public key\n", stderr);
		return EXIT_USAGE;
	}
	status = read_key(call, "--key", given, key);
	if (status == GH_OK)
		status = gh_erasure_log_check(call->words[0], key, &summary, &call->error);
	if (status != GH_OK)
		return call_fail(call, status);
	value = summary_value(&summary);
	if (call->json)
		printed = call_print_json(value);
	else
		printf("%llu batches without a gap, %llu erasures, %llu of them late\n",
			(unsigned long long)summary.newest.number,
			(unsigned long long)summary.entries, (unsigned long long)summary.late);
	if (!call->json)
		json_decref(value);
	return printed == EXIT_FINE && summary.late > 0 ? EXIT_FOUND : printed;
}

/* Of the newest batch: to be handed, by a way that is trusted, to those who verify. */
static int run_key(struct call *call)
{
	struct gh_erasure_header header;
	char text[2 * GH_PUBLIC_KEY_BYTES + 1];
	enum gh_status status = gh_erasure_log_newest(folder_of(call), &header, &call->error);

	if (status != GH_OK)
		return call_fail(call, status);
	gh_hex_format(header.public_key, sizeof(header.public_key), text);
	if (call->json)
		return call_print_json(
			json_pack("{s:s,s:s}", "lane", header.lane, "public_key", text));
	return puts(text) < 0 ? EXIT_FAULT : EXIT_FINE;
}

static const struct option_known folder_option[] = {
	{ "--folder", "DIR", "the lane's data directory, if not that of the settings" },
	{ NULL, NULL, NULL },
};

static const struct option_known verify_options[] = {
	{ "--key", "PUBLIC", "the lane's public key: 64 digits, or a file of them" },
	{ "--central-key", "PUBLIC", "the centre's, to know whose the countersignature is" },
	{ NULL, NULL, NULL },
};

static const struct option_known check_options[] = {
	{ "--key", "PUBLIC", "the lane's public key: 64 digits, or a file of them" },
	{ NULL, NULL, NULL },
};

const struct command erasure_commands[] = {
	{ "erasure prove", "RECORD", 1, 1,
		"Write evidence that a record, or a voyage's gallery, was erased, and when.",
		"gatehouse erasure prove 7d444840-9dc0-41d1-b245-5ffdce74fad2 > proof.json",
		folder_option, run_prove },
	{ "erasure verify", "FILE", 1, 1,
		"Check such evidence with public keys alone; 1 when it holds, but late or "
		"unwitnessed.",
		"gatehouse erasure verify proof.json --key lane.pub --central-key central.pub",
		verify_options, run_verify },
	{ "erasure check", "LOG", 1, 1,
		"Check a whole erasure log: order, hashes and every signature.", NULL,
		check_options, run_check },
	{ "erasure key", "", 0, 0, "Print the public key that the erasure log is signed with.",
		NULL, folder_option, run_key },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
