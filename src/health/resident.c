/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of this process's memory. */
#include "gatehouse/health/health.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The second field of the one line, in pages; see proc(5). */
static uint64_t second_field(const char *line)
{
	const char *space = strchr(line, ' ');
	char *end;
	unsigned long long pages;

	if (!space)
		return 0;
	errno = 0;
	pages = strtoull(space + 1, &end, 10);
	return errno == 0 && end != space + 1 ? pages : 0;
}

uint64_t gh_health_resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[256];
	uint64_t pages = 0;

	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file))
		pages = second_field(line);
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
