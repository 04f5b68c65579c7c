"""The explorer's tests need the extra `ui`."""

from __future__ import annotations

import pytest

pytest.importorskip("streamlit", reason="the explorer needs the extra `ui`")

from explorer import page

__all__ = ["page"]
