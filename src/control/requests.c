/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the lane's socket: one table, one function each. */
#include "requests.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* How long the lane may take to answer a word. */
#define ASK_MS 3000

/* One request, read and bounded. */
struct request {
	const char *command;
	const char *arguments[GH_CONTROL_ARGUMENTS_MAX];
	size_t count;
};

typedef enum gh_status serve_function(const struct request_scene *scene,
	const struct request *request, struct gh_bytes *answer, struct gh_error *error);

static const char *argument(const struct request *request, size_t index, const char *otherwise)
{
	return index < request->count ? request->arguments[index] : otherwise;
}

static enum gh_status tell(const struct request_scene *scene, const struct gh_lane_event *event,
	struct gh_bytes *answer, struct gh_error *error)
{
	enum gh_status status = gh_lane_ask(scene->hands->lane, event, ASK_MS, error);

	if (status == GH_OK)
		status = gh_bytes_append(answer, "null", 4, error);
	return status;
}

static enum gh_status serve_health(const struct request_scene *scene, const struct request *request,
	struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_health *health = calloc(1, sizeof(*health));
	enum gh_status status;

	(void)request;
	if (!health)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a snapshot");
	scene->hands->health(scene->hands->ctx, health);
	status = gh_health_json(health, answer, error);
	free(health);
	return status;
}

static enum gh_status append_text(
	struct gh_bytes *answer, struct gh_view text, struct gh_error *error)
{
	json_t *string = json_stringn((const char *)text.data, text.length_bytes);
	char *quoted = text_of_json(string);
	enum gh_status status = GH_NO_MEMORY;

	if (quoted)
		status = gh_bytes_append(answer, quoted, strlen(quoted), error);
	free(quoted);
	json_decref(string);
	return status;
}

static enum gh_status serve_metrics(const struct request_scene *scene,
	const struct request *request, struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_health *health = calloc(1, sizeof(*health));
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status;

	(void)request;
	if (!health)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a snapshot");
	scene->hands->health(scene->hands->ctx, health);
	status = gh_health_metrics(health, &text, error);
	if (status == GH_OK)
		status = append_text(answer, gh_bytes_view(&text), error);
	gh_bytes_finish(&text);
	free(health);
	return status;
}

static enum gh_status serve_trigger(const struct request_scene *scene,
	const struct request *request, struct gh_bytes *answer, struct gh_error *error)
{
	static const struct {
		const char *command;
		enum gh_trigger trigger;
	} triggers[] = {
		{ "start", GH_TRIGGER_START },
		{ "opt-out", GH_TRIGGER_OPT_OUT },
		{ "continue", GH_TRIGGER_CONTINUE },
		{ "more-time", GH_TRIGGER_MORE_TIME },
		{ "close", GH_TRIGGER_CLOSE },
		{ "open", GH_TRIGGER_OPEN },
	};
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER };

	for (size_t i = 0; i < sizeof(triggers) / sizeof(*triggers); i++)
		if (strcmp(triggers[i].command, request->command) == 0)
			event.trigger = triggers[i].trigger;
	gh_text_copy(event.role, sizeof(event.role), argument(request, 0, ""));
	return tell(scene, &event, answer, error);
}

static enum gh_status serve_claim(const struct request_scene *scene, const struct request *request,
	struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_CLAIM };
	const char *issuer = argument(request, 1, "");
	enum gh_status status;

	if (strlen(issuer) >= sizeof(event.issuer))
		return gh_error_set(error, GH_MALFORMED, "an issuer has at most three letters");
	if (!gh_personal_set(&event.document, gh_view_of_text(argument(request, 0, ""))) ||
		event.document.text[0] == '\0')
		return gh_error_set(error, GH_MALFORMED, "not a document number");
	gh_text_copy(event.issuer, sizeof(event.issuer), issuer);
	status = tell(scene, &event, answer, error);
	gh_wipe(&event, sizeof(event));
	return status;
}

static enum gh_status read_disposition(
	const struct request *request, struct gh_lane_event *event, struct gh_error *error)
{
	if (strcmp(argument(request, 0, ""), "current") != 0 &&
		gh_id_parse(argument(request, 0, ""), &event->record, error) != GH_OK)
		return gh_error_set(error, GH_MALFORMED, "a record id, or \"current\"");
	if (gh_disposition_parse(argument(request, 1, ""), &event->disposition) != GH_OK ||
		event->disposition == GH_DISPOSITION_NONE)
		return gh_error_set(error, GH_MALFORMED,
			"a disposition is proceed, secondary, opted_out or abandoned");
	if (strlen(argument(request, 2, "")) >= sizeof(event->role) ||
		strlen(argument(request, 3, "")) >= sizeof(event->reason_code))
		return gh_error_set(error, GH_MALFORMED, "role id or reason code is too long");
	gh_text_copy(event->role, sizeof(event->role), argument(request, 2, ""));
	gh_text_copy(event->reason_code, sizeof(event->reason_code), argument(request, 3, ""));
	return GH_OK;
}

static enum gh_status serve_dispose(const struct request_scene *scene,
	const struct request *request, struct gh_bytes *answer, struct gh_error *error)
{
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_DISPOSED };
	enum gh_status status = read_disposition(request, &event, error);

	return status == GH_OK ? tell(scene, &event, answer, error) : status;
}

static enum gh_status serve_more(const struct request_scene *scene, const struct request *request,
	struct gh_bytes *answer, struct gh_error *error)
{
	return scene->hands->more(scene->hands->ctx, request->command, request->arguments,
		request->count, answer, error);
}

/*
 * subject: which argument may stand in the audit log (-1: none). A document
 * number never may.
 */
static const struct command {
	const char *name;
	size_t arguments_min;
	size_t arguments_max;
	int subject;
	bool audited;
	serve_function *serve;
} commands[] = {
	{ "status", 0, 0, -1, false, serve_health },
	{ "metrics", 0, 0, -1, false, serve_metrics },
	{ "start", 0, 1, 0, true, serve_trigger },
	{ "opt-out", 0, 1, 0, true, serve_trigger },
	{ "continue", 0, 1, 0, true, serve_trigger },
	{ "more-time", 0, 1, 0, true, serve_trigger },
	{ "close", 0, 1, 0, true, serve_trigger },
	{ "open", 0, 1, 0, true, serve_trigger },
	{ "claim", 1, 2, -1, true, serve_claim },
	{ "dispose", 4, 4, 0, true, serve_dispose },
	{ NULL, 0, GH_CONTROL_ARGUMENTS_MAX, -1, true, serve_more },
};

static const struct command *find(const char *name)
{
	const struct command *command = commands;

	while (command->name && strcmp(command->name, name) != 0)
		command++;
	return command;
}

static enum gh_status read_arguments(json_t *list, struct request *request, struct gh_error *error)
{
	json_t *item;
	size_t i;

	if (list && !json_is_array(list))
		return gh_error_set(error, GH_MALFORMED, "\"arguments\" is a list of strings");
	if (json_array_size(list) > GH_CONTROL_ARGUMENTS_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "more than %d arguments", GH_CONTROL_ARGUMENTS_MAX);
	json_array_foreach(list, i, item)
	{
		if (!json_is_string(item))
			return gh_error_set(error, GH_MALFORMED, "argument %zu is not a string", i);
		request->arguments[request->count++] = json_string_value(item);
	}
	return GH_OK;
}

/* A command's name goes into the log: only letters and hyphens are one. */
static bool is_name(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz-");

	return length > 0 && length < 32 && text[length] == '\0';
}

static enum gh_status read_request(json_t *object, struct request *request, struct gh_error *error)
{
	request->command = json_string_value(json_object_get(object, "command"));
	if (!request->command || !is_name(request->command)) {
		request->command = "unreadable";
		return gh_error_set(error, GH_MALFORMED, "no \"command\" in the request");
	}
	return read_arguments(json_object_get(object, "arguments"), request, error);
}

static enum gh_status carry_out(const struct request_scene *scene, const struct command *command,
	const struct request *request, struct gh_bytes *value, struct gh_error *error)
{
	if (request->count < command->arguments_min || request->count > command->arguments_max)
		return gh_error_set(error, GH_MALFORMED, "%s takes %zu to %zu arguments, not %zu",
			request->command, command->arguments_min, command->arguments_max,
			request->count);
	return command->serve(scene, request, value, error);
}

/* What may be written of the arguments: an id or a role, by their form alone. */
static const char *subject_of(const struct command *command, const struct request *request)
{
	const char *text =
		command->subject < 0 ? "" : argument(request, (size_t)command->subject, "");
	size_t length = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-_");

	return length < 64 && text[length] == '\0' ? text : "unreadable";
}

static enum gh_status serve(const struct request_scene *scene, const struct peer *peer,
	json_t *object, struct gh_bytes *value, struct gh_error *error)
{
	struct request request = { 0 };
	enum gh_status status = read_request(object, &request, error);
	const struct command *command = find(request.command);
	enum gh_status audited;

	if (status == GH_OK)
		status = carry_out(scene, command, &request, value, error);
	if (!command->audited)
		return status;
	audited = audit_write(scene->audit, scene->clock, peer, request.command,
		subject_of(command, &request), status);
	if (audited == GH_OK)
		return status;
	return gh_error_set(error, audited,
		"%s was carried out (%s), but not written to the audit "
		"log",
		request.command, gh_status_name(status));
}

static enum gh_status write_answer(struct gh_bytes *answer, struct gh_view value)
{
	enum gh_status status = gh_bytes_print(answer, NULL, "{\"ok\":true,\"answer\":");

	if (status == GH_OK)
		status = gh_bytes_append(answer, value.data, value.length_bytes, NULL);
	return status == GH_OK ? gh_bytes_print(answer, NULL, "}\n") : status;
}

static void write_refusal(struct gh_bytes *answer, const struct gh_error *error)
{
	enum gh_remedy remedy = gh_status_remedy(error->status);
	json_t *object =
		json_pack("{s:b,s:s,s:s,s:s}", "ok", 0, "status", gh_status_name(error->status),
			"reason", error->text, "remedy", gh_remedy_name(remedy));
	char *text = text_of_json(object);

	if (gh_bytes_print(answer, NULL, "%s\n",
		    text ? text : "{\"ok\":false,\"status\":\"no_memory\"}") != GH_OK)
		gh_bytes_clear(answer);
	free(text);
	json_decref(object);
}

void requests_serve(const struct request_scene *scene, const struct peer *peer, struct gh_view line,
	struct gh_bytes *answer)
{
	struct gh_bytes value = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	/* The library leaves the code alone where memory runs out before the first word. */
	json_error_t where = { 0 };
	json_t *object = json_loadb(
		(const char *)line.data, line.length_bytes, JSON_REJECT_DUPLICATES, &where);
	enum gh_status status;

	if (object)
		status = serve(scene, peer, object, &value, &error);
	else if (json_error_code(&where) == json_error_unknown ||
		json_error_code(&where) == json_error_out_of_memory)
		status = gh_error_set(&error, GH_NO_MEMORY, "no memory for the request");
	else
		status = gh_error_set(&error, GH_MALFORMED, "not JSON at byte %d", where.position);
	if (status == GH_OK && write_answer(answer, gh_bytes_view(&value)) != GH_OK) {
		gh_bytes_clear(answer);
		status = gh_error_set(&error, GH_NO_MEMORY, "no memory for the answer");
	}
	if (status != GH_OK)
		write_refusal(answer, &error);
	gh_bytes_finish(&value);
	json_decref(object);
}
