/* SPDX-License-Identifier: Apache-2.0 */
/* Failure by count inside SQLite: its file system, its memory, its process, its power. */
#ifndef GATEHOUSE_TESTS_SUPPORT_OUTBOX_FAULT_SQLITE_H
#define GATEHOUSE_TESTS_SUPPORT_OUTBOX_FAULT_SQLITE_H

#include <stdbool.h>
#include <stdint.h>

enum fault {
	FAULT_NONE,
	FAULT_IO,     /* a write, sync, truncate, delete or open fails with an I/O error */
	FAULT_FULL,   /* a write finds the disk full; other steps fail with an I/O error */
	FAULT_READ,   /* a read fails */
	FAULT_MEMORY, /* an allocation fails */
	FAULT_KILL,   /* the process is killed before the step */
	FAULT_POWER,  /* the same, and any part of what was not synced is lost */
};

/* Before SQLite is used: its default file system and memory are the failing ones from then on. */
void fault_register(void);

/* Let the n-th step from now (1: the next) have the fault; FULL and IO stay until disarmed. */
void fault_arm(enum fault fault, unsigned long n, uint32_t seed);

/* No more faults; returns whether one fell. */
bool fault_disarm(void);

/* Rounds with the fault at the first, the second step and so on, while it falls: how many. */
unsigned long fault_each(enum fault fault, bool (*round)(enum fault fault, unsigned long n));

#endif
