/* SPDX-License-Identifier: Apache-2.0 */
/* A SQLite file system that passes everything on until its count is up. */
#include "fault_sqlite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

/* What a disk writes whole or not at all. */
#define SECTOR_BYTES 512

/* A write or a cut that no sync has followed, and what stood there before. */
struct unsynced {
	struct unsynced *older;
	sqlite3_int64 offset;
	sqlite3_int64 size_before;
	int length;
	unsigned char before[];
};

struct file {
	sqlite3_file base;
	sqlite3_file *real;
	struct unsynced *unsynced;
	struct file *next_open;
};

static sqlite3_vfs *real_vfs;
static sqlite3_mem_methods real_memory;
static struct file *open_files;
static enum fault armed;
static unsigned long left;
static bool fallen;
static uint32_t random_state;

static uint32_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static void forget(struct file *file)
{
	while (file->unsynced) {
		struct unsynced *older = file->unsynced->older;

		free(file->unsynced);
		file->unsynced = older;
	}
}

static void undo(struct file *file, const struct unsynced *write)
{
	sqlite3_int64 size;

	file->real->pMethods->xWrite(file->real, write->before, write->length, write->offset);
	if (file->real->pMethods->xFileSize(file->real, &size) == SQLITE_OK &&
		size > write->size_before)
		file->real->pMethods->xTruncate(file->real, write->size_before);
}

/* Torn: of the sectors that the write touched, some are new and some as before. */
static void tear(struct file *file, const struct unsynced *write)
{
	int length;

	for (int at = 0; at < write->length; at += length) {
		length = SECTOR_BYTES - (int)((write->offset + at) % SECTOR_BYTES);
		if (length > write->length - at)
			length = write->length - at;
		if (next_random() & 1)
			file->real->pMethods->xWrite(
				file->real, write->before + at, length, write->offset + at);
	}
}

/*
 * Newest first, each stays, goes or is torn: a prefix, a hole, parts, all or nothing of what was
 * written may survive.
 */
static void lose_power(void)
{
	for (struct file *file = open_files; file; file = file->next_open) {
		for (struct unsynced *write = file->unsynced; write; write = write->older) {
			uint32_t fate = next_random() % 4;

			if (fate == 0)
				tear(file, write);
			else if (fate == 1)
				undo(file, write);
		}
	}
	raise(SIGKILL);
}

/* Whether this step fails. */
static bool fails(enum fault one, enum fault other)
{
	if (armed != one && armed != other && armed != FAULT_KILL && armed != FAULT_POWER)
		return false;
	if (left > 1) {
		left--;
		return false;
	}
	fallen = true;
	if (armed == FAULT_KILL)
		raise(SIGKILL);
	if (armed == FAULT_POWER)
		lose_power();
	return true;
}

static void remember(struct file *file, int length, sqlite3_int64 offset)
{
	struct unsynced *write;

	if (armed != FAULT_POWER)
		return;
	write = calloc(1, sizeof(*write) + (size_t)length);
	if (!write)
		abort();
	write->offset = offset;
	write->length = length;
	file->real->pMethods->xFileSize(file->real, &write->size_before);
	/* Beyond the end it reads zeros, which is what a hole holds. */
	file->real->pMethods->xRead(file->real, write->before, length, offset);
	write->older = file->unsynced;
	file->unsynced = write;
}

static int file_close(sqlite3_file *base)
{
	struct file *file = (struct file *)base;

	for (struct file **link = &open_files; *link; link = &(*link)->next_open) {
		if (*link == file) {
			*link = file->next_open;
			break;
		}
	}
	forget(file);
	return file->real->pMethods->xClose(file->real);
}

static int file_read(sqlite3_file *base, void *data, int length, sqlite3_int64 offset)
{
	struct file *file = (struct file *)base;

	if (armed == FAULT_READ && fails(FAULT_READ, FAULT_READ))
		return SQLITE_IOERR_READ;
	return file->real->pMethods->xRead(file->real, data, length, offset);
}

static int file_write(sqlite3_file *base, const void *data, int length, sqlite3_int64 offset)
{
	struct file *file = (struct file *)base;

	if (fails(FAULT_IO, FAULT_FULL)) {
		/* A full disk takes the first half. */
		file->real->pMethods->xWrite(file->real, data, length / 2, offset);
		return armed == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	}
	remember(file, length, offset);
	return file->real->pMethods->xWrite(file->real, data, length, offset);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct file *file = (struct file *)base;

	sqlite3_int64 before;

	if (fails(FAULT_IO, FAULT_FULL))
		return SQLITE_IOERR_TRUNCATE;
	if (file->real->pMethods->xFileSize(file->real, &before) == SQLITE_OK && before > size)
		remember(file, (int)(before - size), size);
	return file->real->pMethods->xTruncate(file->real, size);
}

static int file_sync(sqlite3_file *base, int flags)
{
	struct file *file = (struct file *)base;
	int code;

	if (fails(FAULT_IO, FAULT_FULL))
		return SQLITE_IOERR_FSYNC;
	code = file->real->pMethods->xSync(file->real, flags);
	if (code == SQLITE_OK)
		forget(file);
	return code;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
	struct file *file = (struct file *)base;

	return file->real->pMethods->xFileSize(file->real, size);
}

static int file_lock(sqlite3_file *base, int level)
{
	struct file *file = (struct file *)base;

	return file->real->pMethods->xLock(file->real, level);
}

static int file_unlock(sqlite3_file *base, int level)
{
	struct file *file = (struct file *)base;

	return file->real->pMethods->xUnlock(file->real, level);
}

static int file_reserved(sqlite3_file *base, int *result)
{
	struct file *file = (struct file *)base;

	return file->real->pMethods->xCheckReservedLock(file->real, result);
}

static int file_control(sqlite3_file *base, int operation, void *argument)
{
	struct file *file = (struct file *)base;

	return file->real->pMethods->xFileControl(file->real, operation, argument);
}

static int file_sector(sqlite3_file *base)
{
	struct file *file = (struct file *)base;

	return file->real->pMethods->xSectorSize(file->real);
}

static int file_traits(sqlite3_file *base)
{
	struct file *file = (struct file *)base;

	return file->real->pMethods->xDeviceCharacteristics(file->real);
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out)
{
	struct file *file = (struct file *)base;
	int code;

	(void)vfs;
	memset(file, 0, sizeof(*file));
	if (fails(FAULT_IO, FAULT_IO))
		return SQLITE_CANTOPEN;
	file->real = (sqlite3_file *)(file + 1);
	code = real_vfs->xOpen(real_vfs, name, file->real, flags, out);
	if (code != SQLITE_OK)
		return code;
	base->pMethods = &methods;
	file->next_open = open_files;
	open_files = file;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	if (fails(FAULT_IO, FAULT_FULL))
		return SQLITE_IOERR_DELETE;
	return real_vfs->xDelete(real_vfs, name, sync);
}

static void *memory_take(int bytes)
{
	if (armed == FAULT_MEMORY && fails(FAULT_MEMORY, FAULT_MEMORY))
		return NULL;
	return real_memory.xMalloc(bytes);
}

static void *memory_resize(void *memory, int bytes)
{
	if (armed == FAULT_MEMORY && fails(FAULT_MEMORY, FAULT_MEMORY))
		return NULL;
	return real_memory.xRealloc(memory, bytes);
}

void fault_register(void)
{
	static sqlite3_vfs vfs;
	static sqlite3_mem_methods memory;

	if (real_vfs)
		return;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK)
		abort();
	memory = real_memory;
	memory.xMalloc = memory_take;
	memory.xRealloc = memory_resize;
	/* Without lookaside every small allocation comes through here too. */
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) != SQLITE_OK ||
		sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
		sqlite3_initialize() != SQLITE_OK)
		abort();
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.iVersion = 1;
	vfs.szOsFile = (int)sizeof(struct file) + real_vfs->szOsFile;
	vfs.zName = "fault";
	vfs.pNext = NULL;
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}

void fault_arm(enum fault fault, unsigned long n, uint32_t seed)
{
	armed = fault;
	left = n;
	fallen = false;
	random_state = seed | 1;
}

bool fault_disarm(void)
{
	armed = FAULT_NONE;
	return fallen;
}

unsigned long fault_each(enum fault fault, bool (*round)(enum fault fault, unsigned long n))
{
	unsigned long n = 0;

	while (round(fault, n + 1))
		n++;
	return n;
}
