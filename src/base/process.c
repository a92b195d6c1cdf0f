/* SPDX-License-Identifier: Apache-2.0 */
/* Shuts the ways by which the kernel would write or show memory of ours. */
#include "gatehouse/base/process.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum gh_status gh_process_guard(struct gh_error *error)
{
	/* The limit is for a kernel that pipes dumps of all to a program. */
	static const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return gh_error_errno(error, errno, "PR_SET_DUMPABLE");
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return gh_error_errno(error, errno, "RLIMIT_CORE");
	return GH_OK;
}
