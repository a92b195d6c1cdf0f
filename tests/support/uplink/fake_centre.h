/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS server on loopback that answers as a test wants it to, badly above all. */
#ifndef GATEHOUSE_TESTS_SUPPORT_UPLINK_FAKE_CENTRE_H
#define GATEHOUSE_TESTS_SUPPORT_UPLINK_FAKE_CENTRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_manner {
	FAKE_ANSWERS,  /* status, headers and body as given */
	FAKE_KEEPS,    /* the same, and the connection stays open */
	FAKE_CLOSES,   /* no answer */
	FAKE_HALF,     /* half the body, then the end */
	FAKE_STALLS,   /* never answers */
	FAKE_NOT_HTTP, /* bytes that are no answer */
	FAKE_ENDLESS,  /* a body without end */
	FAKE_ENDLESS_HEADERS,
};

struct fake_request {
	char method[8];
	char path[256];
	char headers[4096];
	uint8_t *body;
	size_t body_bytes;
};

struct fake_reply {
	enum fake_manner manner;
	int status;
	char headers[512]; /* each with \r\n */
	char body[65536];
	const void *data; /* instead of body; borrowed until the next request */
	size_t data_bytes;
};

struct fake_centre;

/* Called on the connection's thread, one at a time; reply is FAKE_ANSWERS 200 without body. */
typedef void fake_decide(void *ctx, const struct fake_request *request, struct fake_reply *reply);

/* Listen with a certificate, and ask for one signed by ca. Ends the program on failure. */
struct fake_centre *fake_centre_start(
	const char *certificate, const char *key, const char *ca, fake_decide *decide, void *ctx);
void fake_centre_stop(struct fake_centre *centre);

uint16_t fake_centre_port(const struct fake_centre *centre);

/* Keep decide() from being called, so that what it reads and writes may be touched. */
void fake_centre_hold(struct fake_centre *centre);
void fake_centre_release(struct fake_centre *centre);

/* Listen on this port, or any (0), from now on: as an outage that ends. */
void fake_centre_listen(struct fake_centre *centre, bool listens);

/* {"id": the id in the request's path} into the reply. */
void fake_reply_id(const struct fake_request *request, struct fake_reply *reply);

#endif
