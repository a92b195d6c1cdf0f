/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that holds keys and samples lets others see of its memory. */
#ifndef GATEHOUSE_BASE_PROCESS_H
#define GATEHOUSE_BASE_PROCESS_H

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Write no core dump, whatever the limits say, and let no other process of this
 * user look into the memory (prctl(2), PR_SET_DUMPABLE; setrlimit(2),
 * RLIMIT_CORE). For the rest of the process's life; programs that it starts have
 * no core dumps either.
 *
 * GH_OK, or the statuses of gh_error_errno(). First thing in main(); any thread;
 * does not block.
 */
GH_MUST_USE enum gh_status gh_process_guard(struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
