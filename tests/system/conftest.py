# SPDX-License-Identifier: Apache-2.0
"""What several system tests begin with."""

import pytest

from lane_support import draw_scenes, need_demo_files


@pytest.fixture(name="drawn", scope="module")
def draw():
    """The folder of the demo's scenes; a test that needs them is skipped where they are not."""
    need_demo_files()
    return draw_scenes()
