# SPDX-License-Identifier: Apache-2.0
"""The demo: one lane and its central service on this machine, and a queue of travellers."""
