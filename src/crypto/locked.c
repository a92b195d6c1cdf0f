/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that stay in memory: mlock(2) against swap, MADV_DONTDUMP against core dumps. */
#define _DEFAULT_SOURCE
#include "locked.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "gatehouse/base/bytes.h"

enum gh_status gh_locked_create(size_t length_bytes, void **memory, struct gh_error *error)
{
	void *made = mmap(
		NULL, length_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*memory = NULL;
	if (made == MAP_FAILED)
		return gh_error_set(error, GH_NO_MEMORY, "memory for keys");
	if (mlock(made, length_bytes) != 0 || madvise(made, length_bytes, MADV_DONTDUMP) != 0) {
		gh_error_set(error, GH_NO_MEMORY,
			"lock %zu bytes for keys (RLIMIT_MEMLOCK must allow 64 KiB): %s",
			length_bytes, strerror(errno));
		munmap(made, length_bytes);
		return GH_NO_MEMORY;
	}
	*memory = made;
	return GH_OK;
}

void gh_locked_destroy(void *memory, size_t length_bytes)
{
	if (!memory)
		return;
	gh_wipe(memory, length_bytes);
	munmap(memory, length_bytes);
}
