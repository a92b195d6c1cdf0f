/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that go over the lane's socket. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/control/control.h"
#include "command.h"
#include "tables.h"

#define ANSWER_MS 8000

int lane_call(struct call *call, const char *command, const char *const *arguments, size_t count,
	json_t **answer)
{
	const char *path = call_option(call, "--socket", call->settings.lane.control_socket);
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status =
		gh_control_call(path, command, arguments, count, ANSWER_MS, &text, &call->error);

	*answer = NULL;
	if (status == GH_OK) {
		*answer = json_loadb(
			(const char *)text.data, text.length_bytes, JSON_DECODE_ANY, NULL);
		if (!*answer)
			status = gh_error_set(
				&call->error, GH_MALFORMED, "the lane's answer is not JSON");
	}
	gh_bytes_finish(&text);
	return status == GH_OK ? EXIT_FINE : call_fail(call, status);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_list(const char *title, const json_t *list)
{
	json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	printf("%s", title);
	json_array_foreach(list, i, item) printf(" %s", json_string_value(item));
	putchar('\n');
}

static void print_reasons(const char *title, json_t *counts)
{
	const char *reason;
	json_t *value;

	json_object_foreach(counts, reason, value)
	{
		if (json_integer_value(value) > 0)
			printf("%s %s: %" JSON_INTEGER_FORMAT "\n", title, reason,
				json_integer_value(value));
	}
}

static void print_rate(const json_t *counts)
{
	const json_t *rate = json_object_get(counts, "capture_rate_permille");

	if (json_is_integer(rate))
		printf("capture rate: %.1f %% (goal %.1f %%)\n",
			(double)json_integer_value(rate) / 10.0, GH_CAPTURE_GOAL_PERMILLE / 10.0);
}

/* What an officer has to type for "lane dispose", and for whom. */
static void print_open(const json_t *list)
{
	const json_t *open;
	size_t i;

	json_array_foreach(list, i, open)
	{
		json_int_t age_s = number_of(open, "age_s");
		const json_t *reasons = json_object_get(open, "referrals");
		const json_t *reason;
		size_t k;

		printf("waits for an officer: %s, %" JSON_INTEGER_FORMAT
		       " min %" JSON_INTEGER_FORMAT " s,",
			text_of(open, "record"), age_s / 60, age_s % 60);
		json_array_foreach(reasons, k, reason) printf(" %s", json_string_value(reason));
		if (!json_is_true(json_object_get(open, "may_proceed")))
			printf(" (not proceed)");
		putchar('\n');
	}
}

/* What a technician does about an alarm of the uplink. */
static const char *remedy_of(const char *alarm)
{
	static const struct {
		const char *alarm;
		const char *remedy;
	} remedies[] = {
		{ "own_certificate",
			"renew [uplink] certificate_file and key_file: the centre refuses them, or "
			"they cannot be read" },
		{ "peer_certificate",
			"the centre's certificate is over, of another name, or not signed by "
			"[uplink] ca_file; or this machine's clock is wrong" },
		{ "ca_file", "[uplink] ca_file cannot be read" },
		{ "http_401", "the centre does not know this lane's certificate" },
		{ "proxy_credentials",
			"the proxy asks for other credentials than [uplink] proxy_credentials" },
		{ "proxy_denied", "the proxy does not carry to the centre: its own rules say so" },
		{ "proxy_refused", "what [uplink] proxy_url names is no proxy for the centre" },
		{ "proxy_certificate",
			"the proxy's certificate is over, of another name, or not signed by "
			"[uplink] proxy_ca_file" },
	};

	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (strcmp(remedies[i].alarm, alarm) == 0)
			return remedies[i].remedy;
	return "see the log of gatehoused";
}

/* Long before it ends, and until somebody does something. */
static void print_certificate(const json_t *certificate)
{
	const char *state = text_of(certificate, "state");
	json_int_t failures = json_integer_value(json_object_get(certificate, "failures"));

	if (!json_is_object(certificate))
		return;
	printf("certificate: until %s", text_of(certificate, "not_after"));
	if (strcmp(state, "over") == 0)
		printf(", OVER: the centre refuses it; gatehouse enrol with a new token");
	else if (strcmp(state, "urgent") == 0)
		printf(", URGENT: only days are left");
	else if (strcmp(state, "soon") == 0)
		printf(", it ends soon");
	if (failures > 0)
		printf(", renewal has failed %" JSON_INTEGER_FORMAT " times (the log says why)",
			failures);
	putchar('\n');
}

static void print_centre(const json_t *uplink)
{
	const char *alarm = text_of(uplink, "alarm");

	if (json_is_null(uplink))
		puts("centre: none set up");
	else if (json_is_true(json_object_get(uplink, "online")) &&
		strcmp(text_of(uplink, "last_reason"), "http_403") == 0)
		puts("centre: reached, but it refuses (403): is the lane registered, its "
		     "certificate not revoked?");
	else if (json_is_true(json_object_get(uplink, "online")))
		puts("centre: reached");
	else if (strcmp(alarm, "-") != 0 && alarm[0] != '\0')
		printf("centre: not reached, ALARM %s: %s\n", alarm, remedy_of(alarm));
	else
		printf("centre: not reached, %s\n", text_of(uplink, "last_reason"));
}

static void print_refused(const json_t *list)
{
	const json_t *refused;
	size_t i;

	json_array_foreach(list, i, refused) printf("voyage refused: %s, %s: %s\n",
		text_of(refused, "voyage"), text_of(refused, "status"), text_of(refused, "reason"));
}

static void print_warnings(const json_t *list)
{
	const json_t *warning;
	size_t i;

	json_array_foreach(list, i, warning) printf("warning: %s\n", text_of(warning, "text"));
}

static void print_status(const json_t *health)
{
	const json_t *lane = json_object_get(health, "lane");
	const json_t *gallery = json_object_get(health, "gallery");
	const json_t *outbox = json_object_get(health, "outbox");
	const json_t *uplink = json_object_get(health, "uplink");
	json_t *counts = json_object_get(lane, "counts");

	printf("lane %s: %s (%s, purpose %s)\n", text_of(lane, "id"), text_of(lane, "state"),
		text_of(lane, "mode"), text_of(lane, "purpose"));
	print_list("missing:", json_object_get(lane, "lost_devices"));
	print_open(json_object_get(lane, "open"));
	printf("captured %" JSON_INTEGER_FORMAT ", opted out %" JSON_INTEGER_FORMAT
	       ", go %" JSON_INTEGER_FORMAT ", passed %" JSON_INTEGER_FORMAT "\n",
		number_of(counts, "captured"), number_of(counts, "opted_out"),
		number_of(counts, "go"), number_of(counts, "passed"));
	print_rate(counts);
	print_reasons("not captured,", json_object_get(counts, "not_captured"));
	print_reasons("referred,", json_object_get(counts, "referrals"));
	printf("gallery: %" JSON_INTEGER_FORMAT " persons, %" JSON_INTEGER_FORMAT
	       " templates, %" JSON_INTEGER_FORMAT " portraits waiting\n",
		number_of(gallery, "persons"), number_of(gallery, "templates"),
		number_of(gallery, "waiting"));
	print_refused(json_object_get(health, "refused_voyages"));
	printf("outbox: %" JSON_INTEGER_FORMAT " waiting, %" JSON_INTEGER_FORMAT " set aside%s\n",
		number_of(outbox, "waiting"), number_of(outbox, "quarantined"),
		json_is_false(json_object_get(outbox, "writable"))      ? ", DISK NOT WRITABLE"
			: json_is_true(json_object_get(outbox, "full")) ? ", FULL"
									: "");
	print_certificate(json_object_get(uplink, "certificate"));
	print_warnings(json_object_get(health, "warnings"));
	print_centre(uplink);
}

static int run_status(struct call *call)
{
	json_t *answer;
	int result = lane_call(call, "status", NULL, 0, &answer);

	if (result != EXIT_FINE)
		return result;
	if (call->json)
		return call_print_json(answer);
	print_status(answer);
	json_decref(answer);
	return EXIT_FINE;
}

/* The second word of "lane opt-out" is the lane's own word for it. */
static int run_word(struct call *call)
{
	json_t *answer;
	int result = lane_call(
		call, strchr(call->command->name, ' ') + 1, call->words, call->word_count, &answer);

	if (result != EXIT_FINE)
		return result;
	if (call->json)
		return call_print_json(answer);
	json_decref(answer);
	puts("done");
	return EXIT_FINE;
}

/* "NUMBER [ISSUER]" from standard input: everybody on the machine sees arguments. */
static size_t read_claim(char *line, size_t line_bytes, const char *words[2])
{
	char *rest = NULL;

	if (!fgets(line, (int)line_bytes, stdin))
		return 0;
	words[0] = strtok_r(line, " \t\r\n", &rest);
	words[1] = words[0] ? strtok_r(NULL, " \t\r\n", &rest) : NULL;
	if (!words[0] || strtok_r(NULL, " \t\r\n", &rest))
		return 0;
	return words[1] ? 2 : 1;
}

static int run_claim(struct call *call)
{
	const char *words[2];
	char line[256];
	int result;

	if (strcmp(call->words[0], "-") != 0)
		return run_word(call);
	call->word_count = call->word_count == 1 ? read_claim(line, sizeof(line), words) : 0;
	call->words = words;
	if (call->word_count > 0) {
		result = run_word(call);
	} else {
		fputs("gatehouse: - takes one line with NUMBER [ISSUER]\n", stderr);
		result = EXIT_USAGE;
	}
	gh_wipe(line, sizeof(line));
	return result;
}

static int run_metrics(struct call *call)
{
	json_t *answer;
	int result = lane_call(call, "metrics", NULL, 0, &answer);

	if (result != EXIT_FINE)
		return result;
	if (call->json)
		return call_print_json(answer);
	fputs(json_string_value(answer) ? json_string_value(answer) : "", stdout);
	json_decref(answer);
	return EXIT_FINE;
}

/* Rows of an answer, one line each, of the keys named. */
static int print_rows(struct call *call, const char *command, const char *const *keys)
{
	json_t *answer;
	json_t *row;
	size_t i;
	int result = lane_call(call, command, NULL, 0, &answer);

	if (result != EXIT_FINE)
		return result;
	if (call->json)
		return call_print_json(answer);
	json_array_foreach(answer, i, row)
	{
		for (size_t k = 0; keys[k]; k++) {
			const json_t *value = json_object_get(row, keys[k]);
			char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

			printf("%s%s=%s", k ? " " : "", keys[k],
				json_is_string(value) ? json_string_value(value)
					: text        ? text
						      : "-");
			free(text);
		}
		putchar('\n');
	}
	json_decref(answer);
	return EXIT_FINE;
}

static int run_voyages(struct call *call)
{
	static const char *const keys[] = { "id", "version", "active", "test", "departure", NULL };

	return print_rows(call, "voyages", keys);
}

static int run_gallery_check(struct call *call)
{
	static const char *const keys[] = { "finding", "voyage", "row", "other_row", "portrait",
		"status", "reason", "score", NULL };

	return print_rows(call, "gallery-check", keys);
}

static const struct option_known socket_option[] = {
	{ "--socket", "PATH", "the lane's command socket" },
	{ NULL, NULL, NULL },
};

const struct command lane_commands[] = {
	{ "lane status", "", 0, 0, "Say how the lane is: state, counts, gallery, outbox, centre.",
		"gatehouse lane status --json", socket_option, run_status },
	{ "lane start", "[ROLE]", 0, 1, "Begin with the next traveller, at a booth.",
		"gatehouse lane start officer-7", socket_option, run_word },
	{ "lane continue", "[ROLE]", 0, 1, "Go on after the notice.", NULL, socket_option,
		run_word },
	{ "lane opt-out", "[ROLE]", 0, 1, "The traveller asks for an officer.",
		"gatehouse lane opt-out", socket_option, run_word },
	{ "lane more-time", "[ROLE]", 0, 1, "The traveller needs more time.", NULL, socket_option,
		run_word },
	{ "lane claim", "NUMBER [ISSUER]", 1, 2,
		"Compare with the person whose document has this number (-: from standard input).",
		"gatehouse lane claim - < claim.txt", socket_option, run_claim },
	{ "lane dispose", "RECORD|current DISPOSITION ROLE REASON", 4, 4,
		"Record the officer's disposition: proceed, secondary, opted_out, abandoned.",
		"gatehouse lane dispose current proceed officer-7 document_inspected",
		socket_option, run_word },
	{ "lane close", "[ROLE]", 0, 1, "Take nobody any more, after the traveller in hand.", NULL,
		socket_option, run_word },
	{ "lane open", "[ROLE]", 0, 1, "Take travellers again.", NULL, socket_option, run_word },
	{ "lane rehearse", "CLASS COMMAND", 2, 2,
		"Let a virtual device do something (demo only; its README lists what).",
		"gatehouse lane rehearse camera unplug", socket_option, run_word },
	{ "lane voyages", "", 0, 0, "List the voyages the lane holds.", NULL, socket_option,
		run_voyages },
	{ "lane check", "", 0, 0, "List portraits without a usable face, and pairs who look alike.",
		NULL, socket_option, run_gallery_check },
	{ "metrics", "", 0, 0, "Print the lane's counters for Prometheus.", NULL, socket_option,
		run_metrics },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
