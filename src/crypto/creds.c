/* SPDX-License-Identifier: Apache-2.0 */
/* Starts systemd-creds between two pipes and ends it in time. */
#define _GNU_SOURCE
#include "creds.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUND_MS 10

struct running {
	pid_t process;
	int output;
	int64_t deadline_ms;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_pair(int pair[2])
{
	if (pair[0] >= 0)
		close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
}

/* All of it fits into a pipe: nobody has to read yet, and a reader that ends early does no harm. */
static enum gh_status fill(int pair[2], struct gh_view input, struct gh_error *error)
{
	ssize_t put = write(pair[1], input.data, input.length_bytes);

	if (put < 0 || (size_t)put != input.length_bytes)
		return gh_error_errno(error, put < 0 ? errno : EIO, "systemd-creds: pipe");
	close(pair[1]);
	pair[1] = -1;
	return GH_OK;
}

/* The daemon's threads block signals, and what they start would inherit that. */
static int spawn(const struct gh_creds_call *call, int input, int output, pid_t *process)
{
	char with_key[64];
	char name[128];
	char *encrypt[] = { (char *)"systemd-creds", (char *)"encrypt", with_key, name, (char *)"-",
		(char *)"-", NULL };
	char *decrypt[] = { (char *)"systemd-creds", (char *)"decrypt", name, (char *)"-",
		(char *)"-", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int failure;

	snprintf(with_key, sizeof(with_key), "--with-key=%s", call->key ? call->key : "");
	snprintf(name, sizeof(name), "--name=%s", call->name);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	failure = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (!failure)
		failure = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!failure)
		failure = posix_spawnattr_setsigmask(&attributes, &none);
	if (!failure)
		failure = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	if (!failure)
		failure = posix_spawn(process, call->program, &actions, &attributes,
			strcmp(call->verb, "encrypt") == 0 ? encrypt : decrypt, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failure;
}

static enum gh_status begin(const struct gh_creds_call *call, struct gh_view input,
	struct running *running, struct gh_error *error)
{
	int in[2] = { -1, -1 };
	int out[2] = { -1, -1 };
	int failure = 0;
	enum gh_status status = GH_OK;

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		status = gh_error_errno(error, errno, "systemd-creds: pipe");
	if (status == GH_OK)
		status = fill(in, input, error);
	if (status == GH_OK)
		failure = spawn(call, in[0], out[1], &running->process);
	if (failure == ENOENT || failure == EACCES)
		status = gh_error_set(error, GH_UNSUPPORTED,
			"%s is not there: install it, or choose another key provider",
			call->program);
	else if (failure)
		status = gh_error_errno(error, failure, "start %s", call->program);
	if (status == GH_OK) {
		running->output = out[0];
		out[0] = -1;
	}
	close_pair(in);
	close_pair(out);
	return status;
}

static enum gh_status too_late(struct gh_error *error)
{
	return gh_error_set(
		error, GH_TIMEOUT, "systemd-creds: no end after %d s", GH_CREDS_TIMEOUT_MS / 1000);
}

static enum gh_status read_output(
	const struct running *running, struct gh_bytes *output, struct gh_error *error)
{
	uint8_t part[1024];
	enum gh_status status = GH_OK;
	ssize_t got = 1;

	while (status == GH_OK && got > 0) {
		struct pollfd wait = { .fd = running->output, .events = POLLIN };
		int64_t left_ms = running->deadline_ms - now_ms();

		if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) == 0)
			return too_late(error);
		got = read(running->output, part, sizeof(part));
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got < 0)
			status = gh_error_errno(error, errno, "systemd-creds: read");
		else if (output->length_bytes + (size_t)got > GH_CREDS_BYTES_MAX)
			status = gh_error_set(error, GH_TOO_LARGE, "systemd-creds: no end of it");
		else
			status = gh_bytes_append(output, part, (size_t)got, error);
	}
	gh_wipe(part, sizeof(part));
	return status;
}

/* Its end; by force when it did not go well, or takes too long. */
static enum gh_status end(const struct running *running, const struct gh_creds_call *call,
	enum gh_status status, struct gh_error *error)
{
	int result = 0;

	close(running->output);
	while (status == GH_OK && waitpid(running->process, &result, WNOHANG) == 0) {
		if (now_ms() >= running->deadline_ms)
			status = too_late(error);
		else
			nanosleep(&(struct timespec){ .tv_nsec = ROUND_MS * 1000000L }, NULL);
	}
	if (status != GH_OK) {
		kill(running->process, SIGKILL);
		waitpid(running->process, NULL, 0);
		return status;
	}
	if (!WIFEXITED(result) || WEXITSTATUS(result) != 0)
		return gh_error_set(error, GH_DENIED,
			"systemd-creds %s%s%s: refused; what it said is in the log", call->verb,
			call->key ? " --with-key=" : "", call->key ? call->key : "");
	return GH_OK;
}

enum gh_status gh_creds_run(const struct gh_creds_call *call, struct gh_view input,
	struct gh_bytes *output, struct gh_error *error)
{
	struct running running = { .deadline_ms = now_ms() + GH_CREDS_TIMEOUT_MS };
	enum gh_status status;

	gh_bytes_finish(output);
	if (input.length_bytes > GH_CREDS_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "systemd-creds: too much to take");
	status = begin(call, input, &running, error);
	if (status != GH_OK)
		return status;
	status = read_output(&running, output, error);
	status = end(&running, call, status, error);
	if (status != GH_OK)
		gh_bytes_finish(output);
	return status;
}
