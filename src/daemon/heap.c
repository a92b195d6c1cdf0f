/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What any library of this program gives back to the allocator is overwritten first.
 *
 * Our own code wipes what it owns, but decoders, engines and trackers take and give back memory for
 * pictures and values of people inside themselves. These two functions replace those of the C
 * library for the whole process (glibc manual, "Replacing malloc"), so they are linked from an
 * object file of the program: from an archive no shared library would see them.
 */
#include <malloc.h>
#include <stddef.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

/* The sanitizers have an allocator of their own, which has to see every block. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/* The C library's own, under the names it keeps for this purpose. */
void __libc_free(void *block);
void *__libc_malloc(size_t size);

void free(void *block)
{
	if (!block)
		return;
	gh_wipe(block, malloc_usable_size(block));
	__libc_free(block);
}

/* A block that moves leaves a copy behind, and the C library gives that back unseen. */
void *realloc(void *block, size_t size)
{
	size_t had = block ? malloc_usable_size(block) : 0;
	void *moved;

	if (!block)
		return __libc_malloc(size);
	if (size == 0) {
		free(block);
		return NULL;
	}
	if (size <= had && size >= had / 2)
		return block;
	moved = __libc_malloc(size);
	if (!moved)
		return NULL;
	memcpy(moved, block, had < size ? had : size);
	free(block);
	return moved;
}

#endif
