"""Load points: what load was put on a running system, and what was measured under it.

`load_test` reads a file in any of `formats`; `requests` makes a point of a row per request, `access` of the lines of an
access log, `k6` of k6's samples.
"""
