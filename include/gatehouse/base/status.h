/* SPDX-License-Identifier: Apache-2.0 */
/* The outcomes a function can have, and who can mend each of them. */
#ifndef GATEHOUSE_BASE_STATUS_H
#define GATEHOUSE_BASE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/** A result that may not be thrown away. */
#define GH_MUST_USE __attribute__((warn_unused_result))

/**
 * Every status: name, who can mend it, the words for it.
 *
 * One list makes the enumeration, the names, the texts and docs/failures.md.
 * The order is part of nothing that is stored: records carry the names.
 *
 * Which to choose: of several that fit, the one whose remedy fits. A file that
 * is cut off is TRUNCATED, one that never was what it should be MALFORMED, one
 * that was altered INTEGRITY. A device or peer that may come back by itself is
 * OFFLINE or BUSY, one that somebody has to see to is GONE. INTERNAL and
 * WRONG_STATE are faults of ours, never of data.
 */
#define GH_STATUS_LIST(X) \
	X(OK, NONE, "no error") \
	X(TIMEOUT, LATER, "nothing happened in the time allowed") \
	X(BUSY, LATER, "in use by somebody else") \
	X(OFFLINE, LATER, "the other side cannot be reached") \
	X(CANCELLED, NONE, "stopped on request") \
	X(GONE, TECHNICIAN, "the device or peer has left") \
	X(FULL, TECHNICIAN, "no room is left") \
	X(NOT_FOUND, NONE, "there is no such thing") \
	X(EXISTS, NONE, "it is there already") \
	X(CONFLICT, OFFICER, "the same name stands for something else") \
	X(MALFORMED, TECHNICIAN, "the bytes do not follow their format") \
	X(TRUNCATED, TECHNICIAN, "the data ends before its end") \
	X(TOO_LARGE, TECHNICIAN, "larger than the limit set for it") \
	X(UNSUPPORTED, TECHNICIAN, "a variant that is not handled") \
	X(INTEGRITY, TECHNICIAN, "a hash or signature does not agree") \
	X(DENIED, TECHNICIAN, "not permitted") \
	X(REFUSED, OFFICER, "the other side refused it for good") \
	X(SETTINGS, TECHNICIAN, "a setting is wrong") \
	X(IO, TECHNICIAN, "reading or writing failed") \
	X(NO_FACE, TRAVELLER, "no face was found") \
	X(NO_MEMORY, TECHNICIAN, "memory ran out") \
	X(WRONG_STATE, DEVELOPER, "called in a state that does not allow it") \
	X(INTERNAL, DEVELOPER, "a fault of the program itself")

/**
 * What happened. GH_OK is zero; all else is a reason. A function's comment
 * says which of them it gives.
 */
enum gh_status {
#define GH_STATUS_ENUM(name, remedy, text) GH_##name,
	GH_STATUS_LIST(GH_STATUS_ENUM)
#undef GH_STATUS_ENUM
	GH_STATUS_COUNT
};

/** Who can mend it. */
enum gh_remedy {
	GH_REMEDY_NONE,       /**< nothing to mend */
	GH_REMEDY_TRAVELLER,  /**< the person in front of the camera, with coaching */
	GH_REMEDY_OFFICER,    /**< the officer at the booth */
	GH_REMEDY_LATER,      /**< time: try again */
	GH_REMEDY_TECHNICIAN, /**< hands, a setting or a spare part */
	GH_REMEDY_DEVELOPER,  /**< us */
};

/**
 * The name of a status as it stands in logs and records, lower case, as in
 * "not_found". Never NULL; an unknown value gives "unknown". Any thread.
 */
const char *gh_status_name(enum gh_status status);

/** One plain sentence fragment for people. Never NULL. Any thread. */
const char *gh_status_text(enum gh_status status);

/** Who can mend the status; GH_REMEDY_DEVELOPER for an unknown value. Any thread. */
enum gh_remedy gh_status_remedy(enum gh_status status);

/** The name of a remedy, lower case. Never NULL. Any thread. */
const char *gh_remedy_name(enum gh_remedy remedy);

#ifdef __cplusplus
}
#endif

#endif
