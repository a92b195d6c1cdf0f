/* SPDX-License-Identifier: Apache-2.0 */
/* Which virtual devices somebody has pulled out: it outlives their handles. */
#include "plug.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct outlet {
	bool out;
	char driver[sizeof(((struct gh_device_address *)0)->driver)];
	char address[sizeof(((struct gh_device_address *)0)->address)];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct outlet outlets[GH_PLUG_OUT_MAX];
/* Spares every wait() of every device the lock while nothing is rehearsed. */
static atomic_uint outlets_out;

static struct outlet *find(const struct gh_device_address *address)
{
	for (size_t i = 0; i < GH_PLUG_OUT_MAX; i++) {
		struct outlet *outlet = &outlets[i];
		if (outlet->out && strcmp(outlet->driver, address->driver) == 0 &&
			strcmp(outlet->address, address->address) == 0)
			return outlet;
	}
	return NULL;
}

static struct outlet *find_free(void)
{
	for (size_t i = 0; i < GH_PLUG_OUT_MAX; i++) {
		if (!outlets[i].out)
			return &outlets[i];
	}
	return NULL;
}

enum gh_status gh_plug_pull(const struct gh_device_address *address, struct gh_error *error)
{
	enum gh_status status = GH_OK;
	pthread_mutex_lock(&lock);
	if (!find(address)) {
		struct outlet *outlet = find_free();
		if (outlet) {
			outlet->out = true;
			memcpy(outlet->driver, address->driver, sizeof(outlet->driver));
			memcpy(outlet->address, address->address, sizeof(outlet->address));
			atomic_fetch_add(&outlets_out, 1);
		} else {
			status = GH_FULL;
		}
	}
	pthread_mutex_unlock(&lock);
	if (status != GH_OK)
		gh_error_set(error, status, "%d devices are unplugged already", GH_PLUG_OUT_MAX);
	return status;
}

void gh_plug_insert(const struct gh_device_address *address)
{
	pthread_mutex_lock(&lock);
	struct outlet *outlet = find(address);
	if (outlet) {
		outlet->out = false;
		atomic_fetch_sub(&outlets_out, 1);
	}
	pthread_mutex_unlock(&lock);
}

enum gh_status gh_plug_check(const struct gh_device_address *address, struct gh_error *error)
{
	if (atomic_load(&outlets_out) == 0)
		return GH_OK;
	pthread_mutex_lock(&lock);
	bool out = find(address) != NULL;
	pthread_mutex_unlock(&lock);
	return out ? gh_error_set(error, GH_GONE, "%s: unplugged (rehearsed)", address->driver)
		   : GH_OK;
}
