/* SPDX-License-Identifier: Apache-2.0 */
/* The command socket answers who may ask, refuses the rest in words, and writes it down. */
#include "gatehouse/control/control.h"

#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/folder.h"
#include "../../support/transaction/fake_hands.h"
#include "gatehouse/base/file.h"

/* A lane with fake hands, its thread, and a control server with its thread. */
struct scene {
	struct fake_hands *fake;
	struct gh_control *control;
	char socket_path[256];
	char audit_path[256];
	pthread_t lane_thread;
	pthread_t control_thread;
};

static void fill_health(void *ctx, struct gh_health *health)
{
	struct scene *scene = ctx;

	gh_lane_view(scene->fake->lane, &health->lane);
	strcpy(health->lane_id, "lane-1");
}

static enum gh_status more(void *ctx, const char *command, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	(void)ctx;
	if (strcmp(command, "echo") != 0)
		return gh_error_set(error, GH_UNSUPPORTED, "no command of that name");
	return gh_bytes_print(answer, error, "[%zu,\"%s\"]", count, count ? arguments[0] : "");
}

static void *run_lane(void *ctx)
{
	gh_lane_run(ctx);
	return NULL;
}

static void *run_control(void *ctx)
{
	gh_control_run(ctx);
	return NULL;
}

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct gh_control_hands hands = { .ctx = scene, .health = fill_health, .more = more };
	struct gh_control_options options = { .clock = gh_clock_system() };
	struct gh_error error = GH_ERROR_NONE;

	assert_non_null(scene);
	folder_set_up(state);
	gh_text_copy(scene->socket_path, sizeof(scene->socket_path), folder_place("lane.socket"));
	gh_text_copy(scene->audit_path, sizeof(scene->audit_path), folder_place("audit.log"));
	scene->fake = fake_start(GH_MODE_BOOTH);
	hands.lane = scene->fake->lane;
	options.socket_path = scene->socket_path;
	options.audit_path = scene->audit_path;
	if (gh_control_create(&options, &hands, &scene->control, &error) != GH_OK)
		fail_msg("%s", error.text);
	assert_int_equal(pthread_create(&scene->lane_thread, NULL, run_lane, scene->fake->lane), 0);
	assert_int_equal(
		pthread_create(&scene->control_thread, NULL, run_control, scene->control), 0);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	gh_control_stop(scene->control);
	pthread_join(scene->control_thread, NULL);
	gh_lane_stop(scene->fake->lane);
	pthread_join(scene->lane_thread, NULL);
	gh_control_destroy(scene->control);
	assert_int_not_equal(access(scene->socket_path, F_OK), 0);
	fake_stop(scene->fake);
	free(scene);
	return folder_tear_down(state);
}

static enum gh_status call(struct scene *scene, const char *command, const char *const *arguments,
	size_t count, struct gh_error *error)
{
	struct gh_bytes answer = GH_BYTES_EMPTY;
	enum gh_status status = gh_control_call(
		scene->socket_path, command, arguments, count, 5000, &answer, error);

	gh_bytes_finish(&answer);
	return status;
}

static char *read_audit(struct scene *scene)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	assert_int_equal(gh_file_read(scene->audit_path, 1 << 20, &text, NULL), GH_OK);
	assert_int_equal(gh_bytes_append(&text, "", 1, NULL), GH_OK);
	return (char *)text.data;
}

static void status_is_json_of_the_lane(void **state)
{
	struct scene *scene = *state;
	struct gh_bytes answer = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	json_t *object;

	assert_int_equal(
		gh_control_call(scene->socket_path, "status", NULL, 0, 5000, &answer, &error),
		GH_OK);
	object = json_loadb((const char *)answer.data, answer.length_bytes, 0, NULL);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(object, "lane"), "state")),
		"idle");
	json_decref(object);
	gh_bytes_finish(&answer);
}

static void metrics_come_as_text(void **state)
{
	struct scene *scene = *state;
	struct gh_bytes answer = GH_BYTES_EMPTY;

	assert_int_equal(
		gh_control_call(scene->socket_path, "metrics", NULL, 0, 5000, &answer, NULL),
		GH_OK);
	assert_int_equal(gh_bytes_append(&answer, "", 1, NULL), GH_OK);
	assert_non_null(strstr((char *)answer.data, "gatehouse_captured_total"));
	gh_bytes_finish(&answer);
}

static void words_reach_the_lane_and_the_audit_log(void **state)
{
	struct scene *scene = *state;
	const char *role = "officer-7";
	struct gh_error error = GH_ERROR_NONE;
	char *audit;

	assert_int_equal(call(scene, "start", &role, 1, &error), GH_OK);
	assert_int_equal(call(scene, "opt-out", NULL, 0, &error), GH_OK);
	assert_int_equal(call(scene, "start", &role, 1, &error), GH_WRONG_STATE);
	audit = read_audit(scene);
	assert_non_null(strstr(audit, "\"command\":\"start\""));
	assert_non_null(strstr(audit, "officer-7"));
	assert_non_null(strstr(audit, "\"result\":\"wrong_state\""));
	assert_non_null(strstr(audit, "\"uid\":"));
	free(audit);
}

static void a_document_number_is_in_no_log(void **state)
{
	struct scene *scene = *state;
	const char *claim[] = { "L898902C3", "UTO" };
	struct gh_error error = GH_ERROR_NONE;
	char *audit;

	assert_int_equal(call(scene, "start", NULL, 0, &error), GH_OK);
	assert_int_equal(call(scene, "claim", claim, 2, &error), GH_OK);
	audit = read_audit(scene);
	assert_non_null(strstr(audit, "\"command\":\"claim\""));
	assert_null(strstr(audit, "L898902C3"));
	free(audit);
}

static void a_disposition_is_checked_word_by_word(void **state)
{
	struct scene *scene = *state;
	const char *no_id[] = { "nobody", "proceed", "officer-7", "inspected" };
	const char *no_word[] = { "current", "let-go", "officer-7", "inspected" };
	const char *good[] = { "current", "opted_out", "officer-7", "asked" };
	const char *long_role[] = { "current", "proceed",
		"officer-7777777777777777777777777777777777777777777777777777", "inspected" };
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(call(scene, "dispose", no_id, 4, &error), GH_MALFORMED);
	assert_int_equal(call(scene, "dispose", no_word, 4, &error), GH_MALFORMED);
	assert_int_equal(call(scene, "dispose", long_role, 4, &error), GH_MALFORMED);
	assert_int_equal(call(scene, "dispose", good, 3, &error), GH_MALFORMED);
	assert_int_equal(call(scene, "dispose", good, 4, &error), GH_NOT_FOUND);
	assert_int_equal(call(scene, "start", NULL, 0, &error), GH_OK);
	assert_int_equal(call(scene, "opt-out", NULL, 0, &error), GH_OK);
	assert_int_equal(call(scene, "dispose", good, 4, &error), GH_OK);
}

static void other_commands_go_on(void **state)
{
	struct scene *scene = *state;
	const char *word = "hello";
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(call(scene, "echo", &word, 1, &error), GH_OK);
	assert_int_equal(call(scene, "dance", NULL, 0, &error), GH_UNSUPPORTED);
	assert_non_null(strstr(error.text, "no command"));
}

static int open_raw(struct scene *scene)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, scene->socket_path);
	assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
	return descriptor;
}

static void ask_raw(struct scene *scene, const char *line, const char *expected)
{
	int descriptor = open_raw(scene);
	char answer[1024] = "";
	ssize_t length;

	assert_int_equal(send(descriptor, line, strlen(line), MSG_NOSIGNAL), strlen(line));
	length = recv(descriptor, answer, sizeof(answer) - 1, 0);
	if (length < 0 || !strstr(answer, expected))
		fail_msg("%s was answered %s", line, answer);
	close(descriptor);
}

static void garbage_is_answered_and_survived(void **state)
{
	struct scene *scene = *state;

	ask_raw(scene, "hello\n", "not JSON");
	ask_raw(scene, "{}\n", "no \\\"command\\\"");
	ask_raw(scene, "{\"command\":7}\n", "malformed");
	ask_raw(scene, "{\"command\":\"Start\\n\"}\n", "malformed");
	ask_raw(scene, "{\"command\":\"start\",\"command\":\"stop\"}\n", "malformed");
	ask_raw(scene, "{\"command\":\"start\",\"arguments\":{}}\n", "list of strings");
	ask_raw(scene, "{\"command\":\"start\",\"arguments\":[1]}\n", "not a string");
	ask_raw(scene,
		"{\"command\":\"echo\",\"arguments\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\","
		"\"7\",\"8\",\"9\"]}\n",
		"too_large");
	ask_raw(scene, "[[[[[[[[\n", "not JSON");
	assert_int_equal(call(scene, "status", NULL, 0, NULL), GH_OK);
}

static void a_line_without_end_is_let_go(void **state)
{
	struct scene *scene = *state;
	int descriptor = open_raw(scene);
	char part[1024];
	ssize_t got;

	memset(part, 'x', sizeof(part));
	for (int i = 0; i < 8; i++)
		if (send(descriptor, part, sizeof(part), MSG_NOSIGNAL) < 0)
			break;
	got = recv(descriptor, part, sizeof(part), 0);
	assert_true(got <= 0);
	close(descriptor);
	assert_int_equal(call(scene, "status", NULL, 0, NULL), GH_OK);
}

static void two_requests_in_one_write_get_two_answers(void **state)
{
	struct scene *scene = *state;
	int descriptor = open_raw(scene);
	static const char lines[] = "{\"command\":\"echo\",\"arguments\":[\"a\"]}\n"
				    "{\"command\":\"echo\",\"arguments\":[\"b\"]}\n";
	char answer[512] = "";
	size_t length = 0;

	assert_true(send(descriptor, lines, sizeof(lines) - 1, MSG_NOSIGNAL) > 0);
	while (!strstr(answer, "\"b\"")) {
		ssize_t got = recv(descriptor, answer + length, sizeof(answer) - 1 - length, 0);

		assert_true(got > 0);
		length += (size_t)got;
	}
	assert_true(strstr(answer, "\"a\"") < strstr(answer, "\"b\""));
	close(descriptor);
}

/* More clients than there is room for: the others wait outside, none breaks it. */
static void a_crowd_does_not_wedge_it(void **state)
{
	struct scene *scene = *state;
	int crowd[GH_CONTROL_CLIENTS_MAX + 8];

	for (size_t i = 0; i < sizeof(crowd) / sizeof(*crowd); i++)
		crowd[i] = open_raw(scene);
	for (size_t i = 0; i < sizeof(crowd) / sizeof(*crowd); i++)
		close(crowd[i]);
	assert_int_equal(call(scene, "status", NULL, 0, NULL), GH_OK);
}

static bool is_let_go(int descriptor)
{
	char answer[64];

	return recv(descriptor, answer, sizeof(answer), 0) <= 0;
}

/* Hung clients hold every place: who comes is served, and the oldest of them is let go. */
static void silent_clients_make_room(void **state)
{
	static const char line[] = "{\"command\":\"echo\",\"arguments\":[\"a\"]}\n";
	struct scene *scene = *state;
	int silent[GH_CONTROL_CLIENTS_MAX];
	char answer[256];

	for (size_t i = 0; i < GH_CONTROL_CLIENTS_MAX; i++) {
		silent[i] = open_raw(scene);
		/* Known to be in its place, so that the order is known. */
		assert_true(send(silent[i], line, sizeof(line) - 1, MSG_NOSIGNAL) > 0);
		assert_true(recv(silent[i], answer, sizeof(answer), 0) > 0);
	}
	assert_int_equal(call(scene, "status", NULL, 0, NULL), GH_OK);
	assert_true(is_let_go(silent[0]));
	for (size_t i = 1; i < GH_CONTROL_CLIENTS_MAX; i++) {
		assert_true(send(silent[i], line, sizeof(line) - 1, MSG_NOSIGNAL) > 0);
		assert_true(recv(silent[i], answer, sizeof(answer), 0) > 0);
		close(silent[i]);
	}
	close(silent[0]);
}

static void the_socket_is_for_its_group_and_the_log_for_its_owner(void **state)
{
	struct scene *scene = *state;
	struct stat facts;

	assert_int_equal(stat(scene->socket_path, &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0660);
	assert_int_equal(stat(scene->audit_path, &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0600);
}

static void a_second_daemon_is_refused_and_a_dead_one_replaced(void **state)
{
	struct scene *scene = *state;
	struct gh_control_hands hands = { .lane = scene->fake->lane };
	struct gh_control_options options = { .clock = gh_clock_system(),
		.socket_path = scene->socket_path,
		.audit_path = scene->audit_path };
	struct gh_control *second;
	struct gh_error error = GH_ERROR_NONE;
	char dead[256];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int descriptor;

	assert_int_equal(gh_control_create(&options, &hands, &second, &error), GH_BUSY);
	assert_null(second);
	gh_text_copy(dead, sizeof(dead), folder_place("dead.socket"));
	strcpy(address.sun_path, dead);
	descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
	close(descriptor);
	options.socket_path = dead;
	assert_int_equal(gh_control_create(&options, &hands, &second, &error), GH_OK);
	gh_control_destroy(second);
	options.socket_path = scene->audit_path;
	assert_int_equal(gh_control_create(&options, &hands, &second, &error), GH_EXISTS);
}

static void nobody_there_is_offline(void **unused)
{
	struct gh_bytes answer = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	char nowhere[256];

	(void)unused;
	gh_text_copy(nowhere, sizeof(nowhere), folder_place("nowhere"));
	assert_int_equal(
		gh_control_call(nowhere, "status", NULL, 0, 100, &answer, &error), GH_OFFLINE);
	assert_non_null(strstr(error.text, nowhere));
	gh_bytes_finish(&answer);
}

/* Left out, the arguments behind it would move up and mean something else. */
static void an_argument_that_is_no_text_is_not_left_out(void **state)
{
	static const char *const arguments[] = { "\xff\xfe", "UTO" };
	struct gh_error error = GH_ERROR_NONE;

	assert_int_equal(call(*state, "claim", arguments, 2, &error), GH_MALFORMED);
	assert_non_null(strstr(error.text, "UTF-8"));
}

int main(void)
{
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		SCENE_TEST(status_is_json_of_the_lane),
		SCENE_TEST(metrics_come_as_text),
		SCENE_TEST(an_argument_that_is_no_text_is_not_left_out),
		SCENE_TEST(words_reach_the_lane_and_the_audit_log),
		SCENE_TEST(a_document_number_is_in_no_log),
		SCENE_TEST(a_disposition_is_checked_word_by_word),
		SCENE_TEST(other_commands_go_on),
		SCENE_TEST(garbage_is_answered_and_survived),
		SCENE_TEST(a_line_without_end_is_let_go),
		SCENE_TEST(two_requests_in_one_write_get_two_answers),
		SCENE_TEST(a_crowd_does_not_wedge_it),
		SCENE_TEST(silent_clients_make_room),
		SCENE_TEST(the_socket_is_for_its_group_and_the_log_for_its_owner),
		SCENE_TEST(a_second_daemon_is_refused_and_a_dead_one_replaced),
		SCENE_TEST(nobody_there_is_offline),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
