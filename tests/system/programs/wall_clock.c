/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wall clock that is off by what a file says, put before the C library's by LD_PRELOAD: system
 * tests move it under a running program. The monotonic clock stays what it is, as on a machine
 * whose time is set. The file holds two signed numbers of 64 bits: milliseconds, and what the
 * kernel says of the clock: 0 what it does say, 1 that it is synchronised, 2 that it is not.
 */
#define _GNU_SOURCE /* syscall() and the coarse clock */

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

struct wall {
	_Atomic(int64_t) off_ms;
	_Atomic(int64_t) quality;
};

static struct wall none;
static struct wall *wall = &none;

__attribute__((constructor)) static void map_file(void)
{
	const char *path = getenv("WALL_CLOCK_FILE");
	int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *mapped = MAP_FAILED;

	if (descriptor >= 0)
		mapped = mmap(NULL, sizeof(*wall), PROT_READ, MAP_SHARED, descriptor, 0);
	if (mapped == MAP_FAILED)
		abort();
	wall = mapped;
	close(descriptor);
}

static int is_wall(clockid_t id)
{
	return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int64_t ms;
	int result = (int)syscall(SYS_clock_gettime, id, now);

	if (result != 0 || !is_wall(id))
		return result;
	ms = (int64_t)now->tv_sec * 1000 + now->tv_nsec / 1000000 + atomic_load(&wall->off_ms);
	now->tv_sec = (time_t)(ms / 1000);
	now->tv_nsec = (long)(ms % 1000) * 1000000 + now->tv_nsec % 1000000;
	return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &precise) != 0)
		return -1;
	now->tv_sec = precise.tv_sec;
	now->tv_usec = (suseconds_t)(precise.tv_nsec / 1000);
	return 0;
}

time_t time(time_t *seconds)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return (time_t)-1;
	if (seconds)
		*seconds = now.tv_sec;
	return now.tv_sec;
}

int adjtimex(struct timex *state)
{
	int answer = (int)syscall(SYS_adjtimex, state);
	int64_t quality = atomic_load(&wall->quality);

	if (quality == 0)
		return answer;
	state->status = quality == 1 ? 0 : STA_UNSYNC;
	return quality == 1 ? TIME_OK : TIME_ERROR;
}
