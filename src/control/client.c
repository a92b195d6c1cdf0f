/* SPDX-License-Identifier: Apache-2.0 */
/* The client of the command socket: one request, one answer. */
#include "gatehouse/control/control.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "text.h"

static enum gh_status connect_to(const char *path, int *descriptor, struct gh_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int errnum;

	if (strlen(path) >= sizeof(address.sun_path))
		return gh_error_set(error, GH_TOO_LARGE, "%s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	*descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*descriptor < 0)
		return gh_error_errno(error, errno, "socket");
	if (connect(*descriptor, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return GH_OK;
	errnum = errno;
	close(*descriptor);
	*descriptor = -1;
	if (errnum == ENOENT || errnum == ECONNREFUSED)
		return gh_error_set(error, GH_OFFLINE, "no lane listens at %s", path);
	return gh_error_errno(error, errnum, "%s", path);
}

/* NULL: an argument is not UTF-8, or there is no memory. */
static char *request_text(const char *command, const char *const *arguments, size_t count)
{
	json_t *list = json_array();
	json_t *object;
	bool whole = list != NULL;
	char *text;

	for (size_t i = 0; i < count && whole; i++)
		whole = json_array_append_new(list, json_string(arguments[i])) == 0;
	object = json_pack("{s:s,s:o}", "command", command, "arguments", list);
	text = whole ? text_of_json(object) : NULL;
	json_decref(object);
	return text;
}

static enum gh_status send_request(int descriptor, const char *command,
	const char *const *arguments, size_t count, struct gh_error *error)
{
	char *text = request_text(command, arguments, count);
	enum gh_status status = GH_OK;
	size_t length;

	if (!text)
		return gh_error_set(
			error, GH_MALFORMED, "an argument is not UTF-8, or memory ran out");
	length = strlen(text);
	text[length] = '\n';
	if (length >= GH_CONTROL_REQUEST_BYTES_MAX)
		status = gh_error_set(error, GH_TOO_LARGE, "the request is too long");
	/* Who is turned away may find the door shut: what was said to him can still be read. */
	else if (send(descriptor, text, length + 1, MSG_NOSIGNAL) != (ssize_t)length + 1 &&
		errno != EPIPE)
		status = gh_error_set(error, GH_OFFLINE, "the lane hung up");
	gh_wipe(text, length + 1);
	free(text);
	return status;
}

static uint64_t now_ms(void)
{
	const struct gh_clock *clock = gh_clock_system();

	return clock->monotonic_us(clock) / 1000;
}

static enum gh_status receive_some(
	int descriptor, uint64_t until_ms, struct gh_bytes *line, struct gh_error *error)
{
	struct pollfd poll_one = { .fd = descriptor, .events = POLLIN };
	uint64_t now = now_ms();
	char part[4096];
	ssize_t length;

	if (now >= until_ms || poll(&poll_one, 1, (int)(until_ms - now)) == 0)
		return gh_error_set(error, GH_TIMEOUT, "the lane does not answer");
	length = recv(descriptor, part, sizeof(part), 0);
	if (length < 0 && errno == EINTR)
		return GH_OK;
	if (length <= 0)
		return gh_error_set(error, GH_OFFLINE, "the lane hung up");
	if (line->length_bytes + (size_t)length > GH_CONTROL_ANSWER_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "the lane's answer is too long");
	return gh_bytes_append(line, part, (size_t)length, error);
}

static enum gh_status receive_line(
	int descriptor, uint32_t timeout_ms, struct gh_bytes *line, struct gh_error *error)
{
	uint64_t until_ms = now_ms() + timeout_ms;
	enum gh_status status = GH_OK;

	while (status == GH_OK &&
		(line->length_bytes == 0 || line->data[line->length_bytes - 1] != '\n'))
		status = receive_some(descriptor, until_ms, line, error);
	return status;
}

static enum gh_status status_named(const char *name)
{
	for (int i = GH_OK + 1; name && i < GH_STATUS_COUNT; i++)
		if (strcmp(gh_status_name((enum gh_status)i), name) == 0)
			return (enum gh_status)i;
	return GH_INTERNAL;
}

static enum gh_status read_answer(json_t *object, struct gh_bytes *answer, struct gh_error *error)
{
	const char *reason = json_string_value(json_object_get(object, "reason"));
	enum gh_status status = GH_OK;
	char *text;

	if (!json_is_true(json_object_get(object, "ok")))
		return gh_error_set(error,
			status_named(json_string_value(json_object_get(object, "status"))), "%s",
			reason ? reason : "the lane refused without a reason");
	if (!json_object_get(object, "answer"))
		return gh_error_set(error, GH_MALFORMED, "the lane's answer is empty");
	text = text_of_json(json_object_get(object, "answer"));
	if (text)
		status = gh_bytes_append(answer, text, strlen(text), error);
	else
		status = gh_error_set(error, GH_NO_MEMORY, "no memory for the lane's answer");
	free(text);
	return status;
}

static enum gh_status read_line(
	const struct gh_bytes *line, struct gh_bytes *answer, struct gh_error *error)
{
	json_t *object = json_loadb((const char *)line->data, line->length_bytes, 0, NULL);
	enum gh_status status;

	if (!object)
		return gh_error_set(error, GH_MALFORMED, "the lane's answer is not JSON");
	status = read_answer(object, answer, error);
	json_decref(object);
	return status;
}

enum gh_status gh_control_call(const char *socket_path, const char *command,
	const char *const *arguments, size_t count, uint32_t timeout_ms, struct gh_bytes *answer,
	struct gh_error *error)
{
	struct gh_bytes line = GH_BYTES_EMPTY;
	int descriptor = -1;
	enum gh_status status = connect_to(socket_path, &descriptor, error);

	gh_bytes_clear(answer);
	if (status != GH_OK)
		return status;
	status = send_request(descriptor, command, arguments, count, error);
	if (status == GH_OK)
		status = receive_line(descriptor, timeout_ms, &line, error);
	if (status == GH_OK)
		status = read_line(&line, answer, error);
	gh_bytes_finish(&line);
	close(descriptor);
	return status;
}
