/* SPDX-License-Identifier: Apache-2.0 */
/* The lane with its wiping switched off, to show that the search of its memory can find something. */
#include <stddef.h>

void __wrap_gh_wipe(void *memory, size_t length_bytes);

void __wrap_gh_wipe(void *memory, size_t length_bytes)
{
	(void)memory;
	(void)length_bytes;
}
