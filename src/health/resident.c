/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of this process's memory. */
#include "gatehouse/health/health.h"

#include <stdio.h>
#include <unistd.h>

uint64_t gh_health_resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long long total_pages;
	unsigned long long resident_pages;
	int fields;

	if (!file)
		return 0;
	fields = fscanf(file, "%llu %llu", &total_pages, &resident_pages);
	fclose(file);
	return fields == 2 ? resident_pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}
