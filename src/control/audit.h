/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: who told the lane what, and what came of it. */
#ifndef GATEHOUSE_SRC_CONTROL_AUDIT_H
#define GATEHOUSE_SRC_CONTROL_AUDIT_H

#include <sys/socket.h>
#include <sys/types.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"

/* Who is at the other end of a socket (SO_PEERCRED of unix(7)). */
struct peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

/* Open for appending, mode 0600. Returns the descriptor in *audit. */
GH_MUST_USE enum gh_status audit_open(const char *path, int *audit, struct gh_error *error);

/* One line, on the disk when this returns. subject is a record id, a role or "". */
GH_MUST_USE enum gh_status audit_write(int audit, const struct gh_clock *clock,
	const struct peer *peer, const char *command, const char *subject, enum gh_status result);

#endif
