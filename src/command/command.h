/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what a command is, what it is given, and how it answers. */
#ifndef GATEHOUSE_SRC_COMMAND_COMMAND_H
#define GATEHOUSE_SRC_COMMAND_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/settings/settings.h"

/* Exit statuses, as sysexits(3) has them where it has them. */
enum exit_status {
	EXIT_FINE = 0,
	EXIT_FOUND = 1, /* it worked, and what it looked for is not as it should be */
	EXIT_USAGE = 64,
	EXIT_DATA = 65, /* bad input */
	EXIT_NO_INPUT = 66,
	EXIT_UNAVAILABLE = 69, /* lane or centre cannot be reached */
	EXIT_FAULT = 70,
	EXIT_NO_ROOM = 74,
	EXIT_LATER = 75,
	EXIT_DENIED = 77,
	EXIT_SETTINGS = 78,
};

/* Options of one call, of at most this many, as "--name value". */
#define OPTIONS_MAX 24

struct option_given {
	const char *name;
	const char *value; /* "" for a switch */
};

/* One call of a command. */
struct call {
	const struct command *command;
	const char *const *words; /* what is not an option */
	size_t word_count;
	struct option_given options[OPTIONS_MAX];
	size_t option_count;
	bool json;
	struct gh_settings settings; /* of --config, else the defaults */
	struct gh_error error;
};

/* An option a command knows; argument NULL: a switch. */
struct option_known {
	const char *name;
	const char *argument;
	const char *about;
};

/* A command: everything help, completion and manual are made of. */
struct command {
	const char *name;      /* one or two words: "lane status" */
	const char *arguments; /* "RECORD DISPOSITION ROLE REASON" */
	size_t words_min;
	size_t words_max;
	const char *about;                  /* one sentence */
	const char *example;                /* a whole line, or NULL */
	const struct option_known *options; /* up to a row without name; or NULL */
	int (*run)(struct call *call);
};

/* All commands, in the order of the help. */
extern const struct command *const command_tables[];

/* The value of an option, or otherwise when it was not given. */
const char *call_option(const struct call *call, const char *name, const char *otherwise);
bool call_has(const struct call *call, const char *name);

/* A decimal option within limits; false (told on stderr) when it is not one. */
bool call_number(const struct call *call, const char *name, uint64_t minimum, uint64_t maximum,
	uint64_t *value);

/* Tell an error on stderr as "gatehouse: …" and give its exit status. */
int call_fail(const struct call *call, enum gh_status status);

/* Print a JSON value to stdout and release it. */
int call_print_json(json_t *value);

/* help.c: --help, completion and the manual page, all of the tables. */
void help_print(FILE *out, const struct command *command);
void help_print_all(FILE *out);

/* The commands of a group, by its first word; false, and nothing printed, where there are none. */
bool help_print_group(FILE *out, const char *word);
int help_completion(struct call *call);
int help_manual(struct call *call);

/* One lane's socket: --socket, else [lane] control_socket of the settings. */
int lane_call(struct call *call, const char *command, const char *const *arguments, size_t count,
	json_t **answer);

#endif
