/* SPDX-License-Identifier: Apache-2.0 */
/* Appends lines of JSON to the audit log, each on the disk before the answer goes out. */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

enum gh_status audit_open(const char *path, int *audit, struct gh_error *error)
{
	*audit = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (*audit < 0)
		return gh_error_errno(error, errno, "audit log %s", path);
	return GH_OK;
}

static char *line_of(const struct gh_clock *clock, const struct peer *peer, const char *command,
	const char *subject, enum gh_status result)
{
	char time[GH_TIME_TEXT_BYTES];
	json_t *line;
	char *text;

	gh_time_format(clock->real_ms(clock), time);
	line = json_pack("{s:s,s:I,s:I,s:I,s:s,s:s,s:s}", "time", time, "uid",
		(json_int_t)peer->uid, "gid", (json_int_t)peer->gid, "pid", (json_int_t)peer->pid,
		"command", command, "subject", subject, "result", gh_status_name(result));
	text = text_of_json(line);
	json_decref(line);
	return text;
}

/* A line is written whole or the log says that it is not. */
static enum gh_status append(int audit, char *text)
{
	size_t length = strlen(text);
	ssize_t written;

	text[length] = '\n';
	do {
		written = write(audit, text, length + 1);
	} while (written < 0 && errno == EINTR);
	if (written != (ssize_t)length + 1)
		return written < 0 && errno != ENOSPC ? GH_IO : GH_FULL;
	return fdatasync(audit) == 0 || errno == EINVAL ? GH_OK : GH_IO;
}

enum gh_status audit_write(int audit, const struct gh_clock *clock, const struct peer *peer,
	const char *command, const char *subject, enum gh_status result)
{
	char *text = line_of(clock, peer, command, subject, result);
	enum gh_status status;

	if (!text)
		return GH_NO_MEMORY;
	status = append(audit, text);
	free(text);
	return status;
}
