/* SPDX-License-Identifier: Apache-2.0 */
/* The server of the command socket: one thread, a few clients, every line bounded. */
#define _GNU_SOURCE /* struct ucred and accept4() of the kernel's own interface */

#include "gatehouse/control/control.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "requests.h"

#define POLL_MS 500

/* A client who neither asks nor reads for this long is let go. */
#define IDLE_MS 30000

/* One client: what it has sent so far, and what it has still to read. */
struct client {
	int descriptor;
	struct peer peer;
	uint64_t active_us;
	char line[GH_CONTROL_REQUEST_BYTES_MAX];
	size_t line_bytes;
	struct gh_bytes answer;
	size_t sent_bytes;
};

struct gh_control {
	const struct gh_clock *clock;
	struct gh_control_hands hands;
	struct sockaddr_un address;
	int listener;
	bool bound;
	int audit;
	gid_t group;
	atomic_bool stopping;
	struct client clients[GH_CONTROL_CLIENTS_MAX];
};

static uint64_t now_us(const struct gh_control *control)
{
	return control->clock->monotonic_us(control->clock);
}

static void drop(struct client *client)
{
	if (client->descriptor >= 0)
		close(client->descriptor);
	gh_bytes_finish(&client->answer);
	gh_wipe(client, sizeof(*client));
	client->descriptor = -1;
}

/* A peer's supplementary groups are in the database only under its name. */
static bool listed_in_group(uid_t uid, gid_t group)
{
	gid_t groups[64];
	int count = (int)(sizeof(groups) / sizeof(*groups));
	struct passwd entry;
	struct passwd *found = NULL;
	char text[4096];

	if (getpwuid_r(uid, &entry, text, sizeof(text), &found) != 0 || !found)
		return false;
	if (getgrouplist(found->pw_name, found->pw_gid, groups, &count) < 0)
		return false;
	for (int i = 0; i < count; i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool may_ask(const struct gh_control *control, const struct peer *peer)
{
	return peer->uid == 0 || peer->uid == geteuid() || peer->gid == control->group ||
		listed_in_group(peer->uid, control->group);
}

static bool read_peer(int descriptor, struct peer *peer)
{
	struct ucred credentials;
	socklen_t length = sizeof(credentials);

	if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
		return false;
	*peer = (struct peer){ credentials.pid, credentials.uid, credentials.gid };
	return true;
}

/*
 * Where all places are taken, who has been silent for longest makes room: a hung client must not
 * keep the officer from his lane.
 */
static struct client *free_client(struct gh_control *control)
{
	struct client *silent = &control->clients[0];

	for (size_t i = 0; i < GH_CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &control->clients[i];

		if (client->descriptor < 0)
			return client;
		if (client->active_us < silent->active_us)
			silent = client;
	}
	drop(silent);
	return silent;
}

static void turn_away(struct gh_control *control, int descriptor, const struct peer *peer)
{
	static const char refusal[] = "{\"ok\":false,\"status\":\"denied\",\"reason\":"
				      "\"not permitted to speak to this lane\"}\n";

	if (send(descriptor, refusal, sizeof(refusal) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		gh_log(GH_LOG_DEBUG, "control", "turn_away", gh_log_integer("errno", errno));
	if (audit_write(control->audit, control->clock, peer, "connect", "", GH_DENIED) != GH_OK)
		gh_log(GH_LOG_ERROR, "control", "audit", gh_log_integer("uid", peer->uid));
	close(descriptor);
}

static void take_client(struct gh_control *control)
{
	int descriptor = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client;
	struct peer peer;

	if (descriptor < 0)
		return;
	if (!read_peer(descriptor, &peer)) {
		close(descriptor);
		return;
	}
	if (!may_ask(control, &peer)) {
		turn_away(control, descriptor, &peer);
		return;
	}
	client = free_client(control);
	client->descriptor = descriptor;
	client->peer = peer;
	client->active_us = now_us(control);
}

/* Answers go out as the client reads; a client that does not is let go by IDLE_MS. */
static void send_answer(struct gh_control *control, struct client *client)
{
	ssize_t sent = send(client->descriptor, client->answer.data + client->sent_bytes,
		client->answer.length_bytes - client->sent_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		drop(client);
		return;
	}
	if (sent <= 0)
		return;
	client->sent_bytes += (size_t)sent;
	client->active_us = now_us(control);
	if (client->sent_bytes < client->answer.length_bytes)
		return;
	gh_bytes_clear(&client->answer);
	client->sent_bytes = 0;
}

static void serve_line(struct gh_control *control, struct client *client, size_t length_bytes)
{
	struct request_scene scene = { &control->hands, control->clock, control->audit };
	struct gh_view line = { (const uint8_t *)client->line, length_bytes };

	requests_serve(&scene, &client->peer, line, &client->answer);
	client->line_bytes -= length_bytes + 1;
	memmove(client->line, client->line + length_bytes + 1, client->line_bytes);
	gh_wipe(client->line + client->line_bytes, length_bytes + 1);
	/* Without memory for an answer the client shall not wait for one. */
	if (client->answer.length_bytes == 0)
		drop(client);
}

/* One request is answered before the next is looked at. */
static void serve_lines(struct gh_control *control, struct client *client)
{
	char *end = memchr(client->line, '\n', client->line_bytes);

	if (end && client->answer.length_bytes == 0)
		serve_line(control, client, (size_t)(end - client->line));
	else if (!end && client->line_bytes == sizeof(client->line))
		drop(client);
}

static void read_client(struct gh_control *control, struct client *client)
{
	ssize_t length = recv(client->descriptor, client->line + client->line_bytes,
		sizeof(client->line) - client->line_bytes, MSG_DONTWAIT);

	if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) {
		drop(client);
		return;
	}
	if (length < 0)
		return;
	client->line_bytes += (size_t)length;
	client->active_us = now_us(control);
	serve_lines(control, client);
}

static void serve_client(struct gh_control *control, struct client *client, short events)
{
	if (events & POLLOUT)
		send_answer(control, client);
	if (client->descriptor >= 0 && client->answer.length_bytes == 0 && client->line_bytes > 0)
		serve_lines(control, client);
	if (client->descriptor >= 0 && events & (POLLIN | POLLHUP | POLLERR))
		read_client(control, client);
	if (client->descriptor >= 0 &&
		now_us(control) - client->active_us > (uint64_t)IDLE_MS * 1000)
		drop(client);
}

static size_t gather(struct gh_control *control, struct pollfd *polls)
{
	polls[0] = (struct pollfd){ .fd = control->listener, .events = POLLIN };
	for (size_t i = 0; i < GH_CONTROL_CLIENTS_MAX; i++) {
		const struct client *client = &control->clients[i];
		bool has_answer = client->answer.length_bytes > 0;
		bool has_room = client->line_bytes < sizeof(client->line);

		polls[i + 1] = (struct pollfd){ .fd = client->descriptor };
		polls[i + 1].events = has_answer ? POLLOUT : has_room ? POLLIN : 0;
	}
	return GH_CONTROL_CLIENTS_MAX + 1;
}

void gh_control_run(struct gh_control *control)
{
	struct pollfd polls[GH_CONTROL_CLIENTS_MAX + 1];

	while (!atomic_load(&control->stopping)) {
		size_t count = gather(control, polls);

		if (poll(polls, count, POLL_MS) < 0)
			continue;
		for (size_t i = 0; i < GH_CONTROL_CLIENTS_MAX; i++)
			if (control->clients[i].descriptor >= 0)
				serve_client(control, &control->clients[i], polls[i + 1].revents);
		if (polls[0].revents & POLLIN)
			take_client(control);
	}
}

void gh_control_stop(struct gh_control *control)
{
	atomic_store(&control->stopping, true);
}

/* A socket file left by a daemon that died is removed; a live one is not. */
static enum gh_status clear_way(const struct sockaddr_un *address, struct gh_error *error)
{
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int connected;
	struct stat facts;

	if (probe < 0)
		return gh_error_errno(error, errno, "control socket");
	connected = connect(probe, (const struct sockaddr *)address, sizeof(*address));
	close(probe);
	if (connected == 0)
		return gh_error_set(
			error, GH_BUSY, "%s: another lane listens there", address->sun_path);
	if (lstat(address->sun_path, &facts) != 0)
		return GH_OK;
	if (!S_ISSOCK(facts.st_mode))
		return gh_error_set(
			error, GH_EXISTS, "%s is there and is not a socket", address->sun_path);
	if (unlink(address->sun_path) != 0)
		return gh_error_errno(error, errno, "%s", address->sun_path);
	return GH_OK;
}

static enum gh_status listen_at(struct gh_control *control, struct gh_error *error)
{
	const char *path = control->address.sun_path;
	struct stat facts;
	mode_t before;
	int bound;

	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->listener < 0)
		return gh_error_errno(error, errno, "control socket");
	before = umask(0117);
	bound = bind(control->listener, (const struct sockaddr *)&control->address,
		sizeof(control->address));
	umask(before);
	if (bound != 0)
		return gh_error_errno(error, errno, "%s", path);
	control->bound = true;
	if (listen(control->listener, GH_CONTROL_CLIENTS_MAX) != 0 || stat(path, &facts) != 0)
		return gh_error_errno(error, errno, "%s", path);
	control->group = facts.st_gid;
	return GH_OK;
}

static enum gh_status set_address(
	struct gh_control *control, const char *path, struct gh_error *error)
{
	control->address.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(control->address.sun_path))
		return gh_error_set(error, GH_TOO_LARGE, "%s: a socket path has at most %zu bytes",
			path, sizeof(control->address.sun_path) - 1);
	memcpy(control->address.sun_path, path, strlen(path) + 1);
	return GH_OK;
}

static enum gh_status open_all(struct gh_control *control, const struct gh_control_options *options,
	struct gh_error *error)
{
	enum gh_status status = set_address(control, options->socket_path, error);

	if (status == GH_OK)
		status = audit_open(options->audit_path, &control->audit, error);
	if (status == GH_OK)
		status = clear_way(&control->address, error);
	if (status == GH_OK)
		status = listen_at(control, error);
	return status;
}

enum gh_status gh_control_create(const struct gh_control_options *options,
	const struct gh_control_hands *hands, struct gh_control **control, struct gh_error *error)
{
	struct gh_control *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*control = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for the command socket");
	made->clock = options->clock;
	made->hands = *hands;
	made->listener = -1;
	made->audit = -1;
	for (size_t i = 0; i < GH_CONTROL_CLIENTS_MAX; i++)
		made->clients[i].descriptor = -1;
	status = open_all(made, options, error);
	if (status == GH_OK)
		*control = made;
	else
		gh_control_destroy(made);
	return status;
}

void gh_control_destroy(struct gh_control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < GH_CONTROL_CLIENTS_MAX; i++)
		drop(&control->clients[i]);
	if (control->listener >= 0)
		close(control->listener);
	if (control->bound)
		unlink(control->address.sun_path);
	if (control->audit >= 0)
		close(control->audit);
	free(control);
}
