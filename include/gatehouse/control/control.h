/* SPDX-License-Identifier: Apache-2.0 */
/* The lane's command socket: its server, its client, its audit log. */
#ifndef GATEHOUSE_CONTROL_CONTROL_H
#define GATEHOUSE_CONTROL_CONTROL_H

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/health/health.h"
#include "gatehouse/transaction/commands.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Longest request or answer line, and clients served at once. */
#define GH_CONTROL_REQUEST_BYTES_MAX 4096
#define GH_CONTROL_ANSWER_BYTES_MAX (4u * 1024u * 1024u)
#define GH_CONTROL_CLIENTS_MAX 16
#define GH_CONTROL_ARGUMENTS_MAX 8

/**
 * The protocol: a Unix stream socket, one JSON object a line each way.
 *
 *   {"command": "dispose", "arguments": ["ID", "proceed", "officer-7", "inspected"]}
 *   {"ok": true, "answer": …}
 *   {"ok": false, "status": "denied", "reason": "…", "remedy": "officer"}
 *
 * Commands of the lane: status, metrics, start [ROLE], opt-out, continue,
 * more-time, claim NUMBER [ISSUER], dispose RECORD|current DISPOSITION ROLE
 * REASON, close [ROLE], open [ROLE]. All others go to hands.more.
 *
 * Who may: root, the daemon's own user, and members of the socket file's group
 * (by SO_PEERCRED). Every command but status and metrics is a line of the audit
 * log with time, uid, gid, pid, command, record id and result; never an
 * argument that could be personal.
 */
struct gh_control_hands {
	void *ctx;
	struct gh_lane *lane;

	/** Fill a snapshot. On the control thread. */
	void (*health)(void *ctx, struct gh_health *health);

	/**
	 * Any other command: append one JSON value to answer. GH_UNSUPPORTED
	 * for an unknown one. May block up to 5 s. On the control thread.
	 */
	enum gh_status (*more)(void *ctx, const char *command, const char *const *arguments,
		size_t count, struct gh_bytes *answer, struct gh_error *error);
};

/** How a control server is set up. Strings are copied. */
struct gh_control_options {
	const char *socket_path; /**< made anew, mode 0660; a live one is not taken over */
	const char *audit_path;  /**< appended, mode 0600, fsync after each line */
	const struct gh_clock *clock;
};

struct gh_control;

/**
 * Make the socket. GH_OK: the caller owns *control. GH_BUSY: another daemon
 * listens there. GH_DENIED, GH_IO, GH_TOO_LARGE (path), GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_control_create(const struct gh_control_options *options,
	const struct gh_control_hands *hands, struct gh_control **control, struct gh_error *error);

/** Close and remove the socket, free; not while running. NULL safe. */
void gh_control_destroy(struct gh_control *control);

/** Serve until gh_control_stop(): the control thread is inside. */
void gh_control_run(struct gh_control *control);

/** End gh_control_run() within 1 s. Any thread. */
void gh_control_stop(struct gh_control *control);

/**
 * The client: one command and its answer. *answer is replaced by the JSON text
 * of "answer"; the caller finishes it.
 *
 * GH_OFFLINE  nobody listens at socket_path.
 * GH_TIMEOUT  no answer in timeout_ms.
 * GH_DENIED   not permitted to connect.
 * Else what the lane said, its reason in the error.
 */
GH_MUST_USE enum gh_status gh_control_call(const char *socket_path, const char *command,
	const char *const *arguments, size_t count, uint32_t timeout_ms, struct gh_bytes *answer,
	struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
