/* SPDX-License-Identifier: Apache-2.0 */
/* The wrapped calls and their counts. */
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>

enum {
	ROUNDS_MAX = 1000000
};

static const int usual_errno[INJECT_POINTS] = {
	[INJECT_ALLOC] = ENOMEM,
	[INJECT_OPEN] = EMFILE,
	[INJECT_READ] = EIO,
	[INJECT_WRITE] = ENOSPC,
	[INJECT_SHORT] = 0,
	[INJECT_SYNC] = EIO,
	[INJECT_RENAME] = EACCES,
	[INJECT_THREAD] = EAGAIN,
};

static atomic_ulong counts[INJECT_POINTS];
static atomic_int armed_point = -1;
static atomic_ulong armed_n;
static atomic_bool armed_for_good;
static atomic_int armed_errno;
static atomic_bool armed_kill;
static atomic_bool half_written;
static atomic_bool hit;

static void arm(enum inject_point point, unsigned long n, bool for_good)
{
	atomic_store(&armed_point, -1);
	for (size_t i = 0; i < INJECT_POINTS; i++)
		atomic_store(&counts[i], 0);
	atomic_store(&hit, false);
	atomic_store(&armed_n, n);
	atomic_store(&armed_for_good, for_good);
	atomic_store(&armed_errno, usual_errno[point]);
	atomic_store(&armed_kill, false);
	atomic_store(&armed_point, (int)point);
}

void inject_arm(enum inject_point point, unsigned long n)
{
	arm(point, n, false);
}

void inject_arm_from(enum inject_point point, unsigned long n)
{
	arm(point, n, true);
}

void inject_errno(int number)
{
	atomic_store(&armed_errno, number);
}

void inject_kill(void)
{
	atomic_store(&armed_kill, true);
}

void inject_pause(void)
{
	atomic_store(&armed_point, -1);
}

bool inject_disarm(void)
{
	inject_pause();
	return inject_hit();
}

bool inject_hit(void)
{
	return atomic_load(&hit);
}

unsigned long inject_count(enum inject_point point)
{
	return atomic_load(&counts[point]);
}

bool inject_round(enum inject_point point, unsigned long n)
{
	bool more = n == 1 || inject_hit();

	inject_pause();
	if (!more)
		return false;
	if (n > ROUNDS_MAX) {
		fprintf(stderr, "inject: still failing after %d rounds\n", ROUNDS_MAX);
		abort();
	}
	inject_arm(point, n);
	return true;
}

/* Count a call; true where it is to fail, with errno set. */
static bool fails(enum inject_point point)
{
	if (atomic_load(&half_written))
		raise(SIGKILL);
	if (atomic_load(&armed_point) != (int)point)
		return false;

	unsigned long count = atomic_fetch_add(&counts[point], 1) + 1;
	unsigned long n = atomic_load(&armed_n);

	if (count != n && !(count > n && atomic_load(&armed_for_good)))
		return false;
	atomic_store(&hit, true);
	if (atomic_load(&armed_kill) && point == INJECT_SHORT)
		atomic_store(&half_written, true);
	else if (atomic_load(&armed_kill))
		raise(SIGKILL);
	if (atomic_load(&armed_errno) != 0)
		errno = atomic_load(&armed_errno);
	return true;
}

/* How much of a write is let through. */
static size_t shortened(size_t size)
{
	return size > 1 && fails(INJECT_SHORT) ? size / 2 : size;
}

/* A wrapped call and the real one it stands before. */
#define WRAP(type, name, ...) \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

WRAP(void *, malloc, size_t size)
{
	return fails(INJECT_ALLOC) ? NULL : __real_malloc(size);
}

WRAP(void *, calloc, size_t count, size_t size)
{
	return fails(INJECT_ALLOC) ? NULL : __real_calloc(count, size);
}

WRAP(void *, realloc, void *old, size_t size)
{
	return fails(INJECT_ALLOC) ? NULL : __real_realloc(old, size);
}

WRAP(char *, strdup, const char *text)
{
	return fails(INJECT_ALLOC) ? NULL : __real_strdup(text);
}

WRAP(char *, strndup, const char *text, size_t length)
{
	return fails(INJECT_ALLOC) ? NULL : __real_strndup(text, length);
}

WRAP(int, posix_memalign, void **block, size_t alignment, size_t size)
{
	return fails(INJECT_ALLOC) ? ENOMEM : __real_posix_memalign(block, alignment, size);
}

WRAP(void *, aligned_alloc, size_t alignment, size_t size)
{
	return fails(INJECT_ALLOC) ? NULL : __real_aligned_alloc(alignment, size);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
	va_end(list);
	return fails(INJECT_OPEN) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
	va_end(list);
	return fails(INJECT_OPEN) ? -1 : __real_openat(folder, path, flags, mode);
}

WRAP(FILE *, fopen, const char *path, const char *mode)
{
	return fails(INJECT_OPEN) ? NULL : __real_fopen(path, mode);
}

WRAP(ssize_t, read, int file, void *bytes, size_t size)
{
	return fails(INJECT_READ) ? -1 : __real_read(file, bytes, size);
}

WRAP(ssize_t, pread, int file, void *bytes, size_t size, off_t offset)
{
	return fails(INJECT_READ) ? -1 : __real_pread(file, bytes, size, offset);
}

WRAP(ssize_t, write, int file, const void *bytes, size_t size)
{
	return fails(INJECT_WRITE) ? -1 : __real_write(file, bytes, shortened(size));
}

WRAP(ssize_t, pwrite, int file, const void *bytes, size_t size, off_t offset)
{
	return fails(INJECT_WRITE) ? -1 : __real_pwrite(file, bytes, shortened(size), offset);
}

WRAP(int, ftruncate, int file, off_t size)
{
	return fails(INJECT_WRITE) ? -1 : __real_ftruncate(file, size);
}

WRAP(int, fsync, int file)
{
	return fails(INJECT_SYNC) ? -1 : __real_fsync(file);
}

WRAP(int, fdatasync, int file)
{
	return fails(INJECT_SYNC) ? -1 : __real_fdatasync(file);
}

WRAP(int, rename, const char *from, const char *to)
{
	return fails(INJECT_RENAME) ? -1 : __real_rename(from, to);
}

WRAP(int, unlink, const char *path)
{
	return fails(INJECT_RENAME) ? -1 : __real_unlink(path);
}

WRAP(int, pthread_create, pthread_t *thread, const pthread_attr_t *attributes,
	void *(*start)(void *), void *argument)
{
	return fails(INJECT_THREAD) ? EAGAIN
				    : __real_pthread_create(thread, attributes, start, argument);
}
