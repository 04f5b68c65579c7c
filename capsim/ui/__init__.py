"""The explorer: pages in the browser, on Streamlit. `capsim explore` starts it."""
