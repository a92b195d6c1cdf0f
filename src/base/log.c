/* SPDX-License-Identifier: Apache-2.0 */
/* One event, one line, one write. */
#include "gatehouse/base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below PIPE_BUF, so that a pipe takes a line whole or not at all. */
#define LINE_BYTES 2048

#define CUT " ...\n"

enum prefix {
	PREFIX_UNDECIDED,
	PREFIX_NONE,
	PREFIX_PRIORITY,
};

static atomic_int log_level = GH_LOG_INFO;
static atomic_int log_descriptor = STDERR_FILENO;
static atomic_int log_prefix = PREFIX_UNDECIDED;

struct line {
	char text[LINE_BYTES];
	size_t used;
	bool cut;
};

struct gh_log_field gh_log_integer(const char *key, int64_t value)
{
	return (struct gh_log_field){
		.key = key, .kind = GH_LOG_KIND_INTEGER, .value.integer = value
	};
}

struct gh_log_field gh_log_real(const char *key, double value)
{
	return (struct gh_log_field){ .key = key, .kind = GH_LOG_KIND_REAL, .value.real = value };
}

struct gh_log_field gh_log_word(const char *key, struct gh_word word)
{
	return (struct gh_log_field){
		.key = key, .kind = GH_LOG_KIND_WORD, .value.word = word.literal
	};
}

struct gh_log_field gh_log_status(const char *key, enum gh_status status)
{
	return (struct gh_log_field){
		.key = key, .kind = GH_LOG_KIND_WORD, .value.word = gh_status_name(status)
	};
}

struct gh_log_field gh_log_id(const char *key, const struct gh_id *id)
{
	return (struct gh_log_field){ .key = key, .kind = GH_LOG_KIND_ID, .value.id = *id };
}

struct gh_log_field gh_log_error(const struct gh_error *error)
{
	return (struct gh_log_field){
		.key = "error", .kind = GH_LOG_KIND_ERROR, .value.error = error
	};
}

struct gh_log_field gh_log_place(const char *key, const char *place)
{
	return (struct gh_log_field){ .key = key, .kind = GH_LOG_KIND_PLACE, .value.word = place };
}

static void put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A piece that does not fit whole is left out, and so is all that follows it. */
static void put(struct line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - sizeof(CUT) - line->used;
	va_list arguments;
	int length;

	if (line->cut)
		return;
	va_start(arguments, format);
	length = vsnprintf(line->text + line->used, room, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= room)
		line->cut = true;
	else
		line->used += (size_t)length;
}

/* Quoted, so that a place with blanks or a line break cannot pass for more fields or events. */
static void put_quoted(struct line *line, const char *key, const char *text)
{
	char clean[GH_ERROR_TEXT_BYTES];
	size_t used = 0;

	for (; text && *text && used < sizeof(clean) - 1; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7F)
			c = '?';
		else if (c == '"')
			c = '\'';
		clean[used++] = (char)c;
	}
	clean[used] = '\0';
	put(line, " %s=\"%s\"", key, clean);
}

static void put_error(struct line *line, const struct gh_error *error)
{
	if (!error)
		return;
	put(line, " status=%s", gh_status_name(error->status));
	put_quoted(line, "error", error->text);
}

static void put_field(struct line *line, const struct gh_log_field *field)
{
	char id[GH_ID_TEXT_BYTES];

	switch (field->kind) {
	case GH_LOG_KIND_INTEGER:
		put(line, " %s=%lld", field->key, (long long)field->value.integer);
		break;
	case GH_LOG_KIND_REAL:
		put(line, " %s=%.6g", field->key, field->value.real);
		break;
	case GH_LOG_KIND_WORD:
		put(line, " %s=%s", field->key, field->value.word);
		break;
	case GH_LOG_KIND_ID:
		gh_id_format(&field->value.id, id);
		put(line, " %s=%s", field->key, id);
		break;
	case GH_LOG_KIND_ERROR:
		put_error(line, field->value.error);
		break;
	case GH_LOG_KIND_PLACE:
		put_quoted(line, field->key, field->value.word);
		break;
	}
}

/*
 * The service manager says in JOURNAL_STREAM which file it gave us
 * (systemd.exec(5)). A program started by hand inherits the variable from its
 * shell but writes elsewhere, so the file has to be the same.
 */
static enum prefix decide_prefix(int descriptor)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device;
	unsigned long long inode;
	struct stat found;

	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2)
		return PREFIX_NONE;
	if (fstat(descriptor, &found) != 0)
		return PREFIX_NONE;
	return found.st_dev == device && found.st_ino == inode ? PREFIX_PRIORITY : PREFIX_NONE;
}

static bool wants_prefix(int descriptor)
{
	int prefix = atomic_load(&log_prefix);

	if (prefix == PREFIX_UNDECIDED) {
		prefix = (int)decide_prefix(descriptor);
		atomic_store(&log_prefix, prefix);
	}
	return prefix == PREFIX_PRIORITY;
}

void gh_log_write(enum gh_log_level level, struct gh_word room, struct gh_word event,
	const struct gh_log_field *fields, size_t count)
{
	struct line line = { .used = 0 };
	int descriptor = atomic_load(&log_descriptor);
	ssize_t written;

	if ((int)level > atomic_load(&log_level))
		return;
	if (wants_prefix(descriptor))
		put(&line, "<%d>", (int)level);
	put(&line, "%s %s", room.literal, event.literal);
	for (size_t i = 0; i < count; i++)
		put_field(&line, &fields[i]);
	line.used +=
		(size_t)snprintf(line.text + line.used, sizeof(CUT), "%s", line.cut ? CUT : "\n");

	/* A log that cannot be written must not stop a lane. */
	written = write(descriptor, line.text, line.used);
	(void)written;
}

void gh_log_set_level(enum gh_log_level level)
{
	atomic_store(&log_level, (int)level);
}

void gh_log_set_descriptor(int descriptor)
{
	atomic_store(&log_descriptor, descriptor);
	atomic_store(&log_prefix, PREFIX_UNDECIDED);
}
