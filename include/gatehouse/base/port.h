/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that a program listens on, looked at before a library does. */
#ifndef GATEHOUSE_BASE_PORT_H
#define GATEHOUSE_BASE_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Whether a TCP port of a numeric address is free: libraries only say that
 * listening failed. Port 0 is always.
 *
 * GH_OK; GH_SETTINGS (address is none to listen on); GH_BUSY (the port is
 * taken); else as gh_error_errno(). Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_port_check_free(
	const char *address, uint32_t port, struct gh_error *error);

/** Whether a numeric IPv4 address is of this machine alone (RFC 1122, 127.0.0.0/8). */
bool gh_port_is_loopback(const char *address);

#ifdef __cplusplus
}
#endif

#endif
