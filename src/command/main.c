/* SPDX-License-Identifier: Apache-2.0 */
/* gatehouse: finds the command, reads its options, runs it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/log.h"
#include "gatehouse/base/process.h"
#include "command.h"

/* Options every command knows. */
static const struct option_known everywhere[] = {
	{ "--config", "FILE", "settings of the lane" },
	{ "--json", NULL, "answer in JSON" },
	{ "--help", NULL, "say what the command does" },
	{ NULL, NULL, NULL },
};

const char *call_option(const struct call *call, const char *name, const char *otherwise)
{
	for (size_t i = 0; i < call->option_count; i++)
		if (strcmp(call->options[i].name, name) == 0)
			return call->options[i].value;
	return otherwise;
}

bool call_has(const struct call *call, const char *name)
{
	return call_option(call, name, NULL) != NULL;
}

bool call_number(const struct call *call, const char *name, uint64_t minimum, uint64_t maximum,
	uint64_t *value)
{
	const char *text = call_option(call, name, NULL);
	uint64_t number;
	char *end;

	if (!text)
		return true;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && text[0] != '-' && number >= minimum &&
		number <= maximum) {
		*value = number;
		return true;
	}
	fprintf(stderr, "gatehouse: %s: a number from %" PRIu64 " to %" PRIu64 ", not \"%s\"\n",
		name, minimum, maximum, text);
	return false;
}

static int exit_of(enum gh_status status)
{
	switch (status) {
	case GH_OK:
		return EXIT_FINE;
	case GH_MALFORMED:
	case GH_TRUNCATED:
	case GH_TOO_LARGE:
	case GH_UNSUPPORTED:
	case GH_INTEGRITY:
	case GH_NO_FACE:
	case GH_CONFLICT:
	case GH_EXISTS:
	case GH_REFUSED:
		return EXIT_DATA;
	case GH_NOT_FOUND:
		return EXIT_NO_INPUT;
	case GH_OFFLINE:
	case GH_GONE:
		return EXIT_UNAVAILABLE;
	case GH_FULL:
	case GH_IO:
		return EXIT_NO_ROOM;
	case GH_TIMEOUT:
	case GH_BUSY:
	case GH_CANCELLED:
	case GH_WRONG_STATE:
		return EXIT_LATER;
	case GH_DENIED:
		return EXIT_DENIED;
	case GH_SETTINGS:
		return EXIT_SETTINGS;
	default:
		return EXIT_FAULT;
	}
}

int call_fail(const struct call *call, enum gh_status status)
{
	const char *text = call->error.text[0] ? call->error.text : gh_status_text(status);
	json_t *object;

	fprintf(stderr, "gatehouse: %s\n", text);
	if (!call->json)
		return exit_of(status);
	object = json_pack("{s:s,s:s,s:s}", "status", gh_status_name(status), "reason", text,
		"remedy", gh_remedy_name(gh_status_remedy(status)));
	call_print_json(object);
	return exit_of(status);
}

int call_print_json(json_t *value)
{
	int written = -1;

	if (value)
		written = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	json_decref(value);
	putchar('\n');
	return written == 0 && fflush(stdout) == 0 ? EXIT_FINE : EXIT_FAULT;
}

/* How many of the words name this command; 0: it is another. */
static size_t words_named(const struct command *command, char **words, size_t count)
{
	const char *space = strchr(command->name, ' ');
	size_t first = space ? (size_t)(space - command->name) : strlen(command->name);

	if (count < 1 || strlen(words[0]) != first || strncmp(words[0], command->name, first) != 0)
		return 0;
	if (!space)
		return 1;
	return count > 1 && strcmp(words[1], space + 1) == 0 ? 2 : 0;
}

static const struct command *find_command(char **words, size_t count, size_t *named)
{
	for (size_t t = 0; command_tables[t]; t++)
		for (const struct command *c = command_tables[t]; c->name; c++) {
			*named = words_named(c, words, count);
			if (*named > 0)
				return c;
		}
	return NULL;
}

static const struct option_known *find_option(const struct option_known *list, const char *name)
{
	for (; list && list->name; list++)
		if (strcmp(list->name, name) == 0)
			return list;
	return NULL;
}

static bool take_option(struct call *call, char **words, size_t count, size_t *at)
{
	const char *name = words[*at];
	const struct option_known *known = find_option(everywhere, name);
	struct option_given *given = &call->options[call->option_count];

	if (!known)
		known = find_option(call->command->options, name);
	if (!known || call->option_count == OPTIONS_MAX) {
		fprintf(stderr, "gatehouse: %s has no option %s (try --help)\n",
			call->command->name, name);
		return false;
	}
	given->name = known->name;
	given->value = "";
	if (known->argument) {
		if (*at + 1 == count) {
			fprintf(stderr, "gatehouse: %s needs %s\n", name, known->argument);
			return false;
		}
		given->value = words[++*at];
	}
	call->option_count++;
	return true;
}

/* Parts the words into options and the rest; "--" ends the options. */
static bool part(struct call *call, char **words, size_t count, const char **rest)
{
	bool options_over = false;

	for (size_t i = 0; i < count; i++) {
		if (!options_over && strcmp(words[i], "--") == 0)
			options_over = true;
		else if (!options_over && strncmp(words[i], "--", 2) == 0) {
			if (!take_option(call, words, count, &i))
				return false;
		} else {
			rest[call->word_count++] = words[i];
		}
	}
	call->words = rest;
	return true;
}

static bool word_count_fits(const struct call *call)
{
	const struct command *command = call->command;

	if (call->word_count >= command->words_min && call->word_count <= command->words_max)
		return true;
	fprintf(stderr, "usage: gatehouse %s %s\n", command->name, command->arguments);
	return false;
}

static enum gh_status load_settings(struct call *call)
{
	const char *path = call_option(call, "--config", NULL);

	if (path)
		return gh_settings_load(path, &call->settings, &call->error);
	gh_settings_default(&call->settings);
	return GH_OK;
}

static int run(const struct command *command, char **words, size_t count)
{
	static struct call call;
	const char **rest = calloc(count + 1, sizeof(*rest));
	enum gh_status status;
	int result = EXIT_USAGE;

	call.command = command;
	if (!rest)
		return EXIT_FAULT;
	if (!part(&call, words, count, rest))
		goto free_rest;
	call.json = call_has(&call, "--json");
	if (call_has(&call, "--help")) {
		help_print(stdout, command);
		result = EXIT_FINE;
		goto free_rest;
	}
	if (!word_count_fits(&call))
		goto free_rest;
	status = load_settings(&call);
	result = status == GH_OK ? command->run(&call) : call_fail(&call, status);
free_rest:
	free(rest);
	return result;
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct gh_error error = GH_ERROR_NONE;
	size_t named = 0;

	gh_log_set_level(GH_LOG_WARNING);
	if (gh_process_guard(&error) != GH_OK) {
		fprintf(stderr, "gatehouse: %s\n", error.text);
		return EXIT_FAULT;
	}
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		help_print_all(argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_USAGE : EXIT_FINE;
	}
	if (strcmp(argv[1], "--version") == 0)
		return puts("gatehouse " GATEHOUSE_VERSION) < 0 ? EXIT_FAULT : EXIT_FINE;
	command = find_command(argv + 1, (size_t)argc - 1, &named);
	if (!command && (argc == 2 || strcmp(argv[2], "--help") == 0) &&
		help_print_group(argc == 2 ? stderr : stdout, argv[1]))
		return argc == 2 ? EXIT_USAGE : EXIT_FINE;
	if (!command) {
		fprintf(stderr, "gatehouse: no command \"%s%s%s\" (try gatehouse --help)\n",
			argv[1], argc > 2 ? " " : "", argc > 2 ? argv[2] : "");
		return EXIT_USAGE;
	}
	return run(command, argv + 1 + named, (size_t)argc - 1 - named);
}
