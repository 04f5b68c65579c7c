"""What Streamlit runs: the pages, and the one that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from capsim.ui.hosts import may_reach, told_hosts

PAGES = Path(__file__).parent / "pages"
# A file of ours: an icon by name would be fetched from a server of Google.
ICON = Path(__file__).with_name("icon.svg")


def main() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="capsim", page_icon=ICON, layout="wide")
    if not may_reach(st.context.headers.get("Host"), str(st.get_option("server.address") or ""), told_hosts()):
        st.error("This name is not one by which the page may be reached: start it with --allow-host NAME.")
        return
    st.logo(ICON, size="large")
    explore = st.Page(PAGES / "explore.py", title="Explore", icon=":material/tune:", default=True)
    st.navigation([explore]).run()


if __name__ == "__main__":
    main()
