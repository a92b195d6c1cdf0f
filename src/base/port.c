/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that a program listens on, looked at before a library does. */
#include "gatehouse/base/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum gh_status gh_port_check_free(const char *address, uint32_t port, struct gh_error *error)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	enum gh_status status = GH_OK;
	char text[12];
	int on = 1;
	int probe;

	snprintf(text, sizeof(text), "%u", port);
	if (getaddrinfo(address, text, &hints, &found) != 0)
		return gh_error_set(error, GH_SETTINGS, "%s is no address to listen on", address);
	probe = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (probe >= 0)
		setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (probe < 0 || bind(probe, found->ai_addr, found->ai_addrlen) != 0) {
		int reason = errno;

		status = reason == EADDRINUSE
			? gh_error_set(error, GH_BUSY, "cannot listen on %s port %s: it is in use",
				  address, text)
			: gh_error_errno(
				  error, reason, "cannot listen on %s port %s", address, text);
	}
	if (probe >= 0)
		close(probe);
	freeaddrinfo(found);
	return status;
}

bool gh_port_is_loopback(const char *address)
{
	struct in_addr parsed;

	return inet_pton(AF_INET, address, &parsed) == 1 && ntohl(parsed.s_addr) >> 24 == 127;
}
