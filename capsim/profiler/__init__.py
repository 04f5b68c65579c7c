"""Measuring here: from a model and a runtime to the samples and the provenance of a latency profile."""
