/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the way to the centre. */
#ifndef GATEHOUSE_SETTINGS_UPLINK_H
#define GATEHOUSE_SETTINGS_UPLINK_H

#include <stdbool.h>
#include <stdint.h>

/** Bytes of a path or URL, its final NUL included; a line is shorter still. */
#define GH_SETTINGS_TEXT_BYTES 200

/** [uplink] The centre, and how patiently it is tried. url "": no centre. */
struct gh_settings_uplink {
	char url[GH_SETTINGS_TEXT_BYTES];
	char ca_file[GH_SETTINGS_TEXT_BYTES]; /**< these three are set when url is */
	char certificate_file[GH_SETTINGS_TEXT_BYTES];
	char key_file[GH_SETTINGS_TEXT_BYTES];
	char voyages_ca_file[GH_SETTINGS_TEXT_BYTES]; /**< "": ca_file */
	uint32_t connect_timeout_ms;                  /**< one connection */
	uint32_t transfer_timeout_ms;                 /**< one request in all */
	uint32_t backoff_first_ms;                    /**< <= backoff_max_ms */
	uint32_t backoff_max_ms;
	uint32_t voyages_interval_ms;                   /**< between two questions */
	uint32_t passages_interval_ms;                  /**< between two questions */
	uint32_t requests_in_flight;                    /**< deliveries at once */
	bool http2;                                     /**< offered to the centre */
	uint32_t send_bytes_per_s;                      /**< 0: no cap */
	uint32_t receive_bytes_per_s;                   /**< 0: no cap */
	char proxy_url[GH_SETTINGS_TEXT_BYTES];         /**< http, https or socks5h; "": none */
	char proxy_ca_file[GH_SETTINGS_TEXT_BYTES];     /**< needed with https */
	char proxy_credentials[GH_SETTINGS_TEXT_BYTES]; /**< "provider:NAME"; "": none */
	uint32_t photo_piece_bytes;                     /**< 0: photographs do not come in pieces */
	bool receipts;                                  /**< the centre's are looked at, and kept */
	char receipts_key_file[GH_SETTINGS_TEXT_BYTES]; /**< "": learnt from the first */
	uint32_t heartbeat_interval_ms;                 /**< 0: none */
	uint32_t renew_left_permille;                   /**< of the certificate's life; 0 never */
	uint32_t renew_warn_days;
	uint32_t renew_alarm_days; /**< <= renew_warn_days */
};

#endif
