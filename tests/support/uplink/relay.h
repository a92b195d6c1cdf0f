/* SPDX-License-Identifier: Apache-2.0 */
/* A line on loopback that carries bytes to a port and back, and that a test can cut. */
#ifndef GATEHOUSE_TESTS_SUPPORT_UPLINK_RELAY_H
#define GATEHOUSE_TESTS_SUPPORT_UPLINK_RELAY_H

#include <stddef.h>
#include <stdint.h>

struct relay;

/* Listen on a port of the system's choice; what cannot be set up ends the program. */
struct relay *relay_start(uint16_t to_port);
void relay_stop(struct relay *relay);

uint16_t relay_port(const struct relay *relay);

/*
 * The next so many times a connection has carried so many bytes to the port, it is cut; the bytes
 * arrive there.
 */
void relay_cut(struct relay *relay, unsigned times, uint64_t after_bytes);

/* Since the start: bytes carried to the port, connections, and how many of them were cut. */
struct relay_counts {
	uint64_t bytes;
	unsigned connections;
	unsigned cut;
};
struct relay_counts relay_counts(const struct relay *relay);

#endif
